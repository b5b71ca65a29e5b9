import type { Tensor } from '@tensorflow/tfjs-core';

export function isTensor(value: unknown): value is Tensor {
  return typeof value === 'object' && value !== null && 'dataId' in value && 'shape' in value;
}

/** A value in an error message. */
export function shown(value: unknown): string {
  if (isTensor(value))
    return `a tensor ${shapeText(value.shape)}${value.dtype === 'float32' ? '' : ` of ${value.dtype}`}`;
  if (typeof value === 'string') return `"${value}"`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  const { constructor } = value as { readonly constructor?: { readonly name: string } };
  return constructor === undefined || constructor === Object ? 'an object' : `a ${constructor.name}`;
}

/** What a thrown value says. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message || 'an error without a message' : shown(thrown);
}

/** `[2,3]`; a scalar is `[]`. */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join()}]`;
}

/** A value in the place of a shape. */
export function shownShape(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(shown).join()}]` : shown(value);
}

/** Whether a value is a whole number of at least a minimum. */
export function isCount(value: unknown, minimum: number): boolean {
  return Number.isInteger(value) && (value as number) >= minimum;
}

/** Whether a value is a list of sizes of at least 1, of a length if one is given. */
export function isShape(value: unknown, rank?: number): value is readonly number[] {
  return (
    Array.isArray(value) && (rank === undefined || value.length === rank) && value.every((side) => isCount(side, 1))
  );
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** Whether a value is a tensor of floats: the only ones that training computes with. */
export function isFloats(value: unknown): value is Tensor {
  return isTensor(value) && value.dtype === 'float32';
}

/** Whether a value is an object that is neither a list nor a tensor. */
export function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isTensor(value);
}
