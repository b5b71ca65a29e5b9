import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HostTensor } from './recipe.js';

/** The golden files: SSQL_GOLDEN, or `shared/golden` beside the repository. */
export const GOLDEN_FOLDER = process.env['SSQL_GOLDEN'] ?? fileURLToPath(new URL('../../../shared/golden', import.meta.url));

/** A tensor of a golden file, in PyTorch's layout: all values of a small one, a summary of a large one. */
export type Golden =
  | { readonly shape: readonly number[]; readonly values: readonly number[] }
  | {
      readonly shape: readonly number[];
      readonly sum: number;
      readonly l2norm: number;
      readonly min: number;
      readonly max: number;
      readonly first16: readonly number[];
      readonly spaced16: readonly number[];
    };

/** A golden file's content; the type is the caller's reading of it. */
export function readGolden<T>(file: string): T {
  return JSON.parse(readFileSync(join(GOLDEN_FOLDER, file), 'utf8')) as T;
}

/** How far something of ours is from what the official implementation computes, and how far it may be. */
export interface Measure {
  readonly what: string;
  readonly error: number;
  readonly tolerance: number;
}

/** Compares a tensor in PyTorch's layout with the golden one. */
export function measure(actual: HostTensor, golden: Golden, tolerance: number, what: string): Measure {
  if (actual.shape.join() !== golden.shape.join())
    return { what: `${what}: [${actual.shape.join()}] in place of [${golden.shape.join()}]`, error: Infinity, tolerance };
  return { what, error: goldenError(actual, golden), tolerance };
}

/** Compares two numbers, relative to the golden one where that is above 1. */
export function measureNumber(actual: number, golden: number, tolerance: number, what: string): Measure {
  return { what, error: largest([(actual - golden) / Math.max(1, Math.abs(golden))]), tolerance };
}

/** Whether it is as near as it has to be. */
export function isNear({ error, tolerance }: Measure): boolean {
  return error <= tolerance;
}

/** Fails where a measure is beyond its tolerance. */
export function assertNear(measures: readonly Measure[]): void {
  assert.ok(measures.length > 0, 'nothing was compared');
  const far = measures.filter((one) => !isNear(one));
  assert.equal(far.map(({ what, error, tolerance }) => `${what}: off by ${error}, more than ${tolerance}`).join('\n'), '');
}

/** Fails where `actual`, in PyTorch's layout, is further than `tolerance` from the golden tensor. */
export function assertGolden(actual: HostTensor, golden: Golden, tolerance: number, what: string): void {
  assertNear([measure(actual, golden, tolerance, what)]);
}

/**
 * The largest error: of elements relative to max(1, largest magnitude); of the norm relative to max(1, norm); of the sum relative to
 * max(1, sqrt(n) * norm), which bounds it.
 */
export function goldenError({ values }: HostTensor, golden: Golden): number {
  if ('values' in golden) {
    const unit = Math.max(1, ...golden.values.map(Math.abs));
    return largest(golden.values.map((value, i) => (values[i]! - value) / unit));
  }
  const { sum, l2norm, min, max, first16, spaced16 } = golden;
  const unit = Math.max(1, Math.abs(min), Math.abs(max));
  const n = values.length;
  return largest([
    (total(values) - sum) / Math.max(1, Math.sqrt(n) * l2norm),
    (normOf(values) - l2norm) / Math.max(1, l2norm),
    (values.reduce((a, b) => Math.min(a, b)) - min) / unit,
    (values.reduce((a, b) => Math.max(a, b)) - max) / unit,
    ...first16.map((value, i) => (values[i]! - value) / unit),
    ...spaced16.map((value, k) => (values[Math.floor((k * (n - 1)) / 15)]! - value) / unit),
  ]);
}

/** NaN counts as an infinite error. */
export function largest(errors: readonly number[]): number {
  return errors.reduce((most, error) => (Number.isNaN(error) ? Infinity : Math.max(most, Math.abs(error))), 0);
}

/** The L2 norm; `Math.hypot` takes its values as arguments, of which there may be too many. */
export function normOf(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

function total(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
