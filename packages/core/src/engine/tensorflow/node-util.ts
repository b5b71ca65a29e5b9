// Replaces the "util" module in the bundled kernels of tfjs-node, which call functions that Node 23 removed.
export const isArray = Array.isArray;

export function isNullOrUndefined(value: unknown): boolean {
  return value === null || value === undefined;
}
