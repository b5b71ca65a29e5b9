// Stands in for the "util" module in the bundled kernels of tfjs-node, which call a function that Node 23 removed.
export function isNullOrUndefined(value: unknown): boolean {
  return value === null || value === undefined;
}
