import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HostTensor } from './recipe.js';

/** The golden files: SSQL_GOLDEN, or `shared/golden` beside the repository. */
const FOLDER = process.env['SSQL_GOLDEN'] ?? fileURLToPath(new URL('../../../shared/golden', import.meta.url));

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
  return JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as T;
}

/** Fails where `actual`, in PyTorch's layout, is further than `tolerance` from the golden tensor. */
export function assertGolden(actual: HostTensor, golden: Golden, tolerance: number, what: string): void {
  assert.deepEqual(actual.shape, golden.shape, `${what}: shape`);
  const error = goldenError(actual, golden);
  assert.ok(error <= tolerance, `${what}: off by ${error}, more than ${tolerance}`);
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
    (Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)) - l2norm) / Math.max(1, l2norm),
    (values.reduce((a, b) => Math.min(a, b)) - min) / unit,
    (values.reduce((a, b) => Math.max(a, b)) - max) / unit,
    ...first16.map((value, i) => (values[i]! - value) / unit),
    ...spaced16.map((value, k) => (values[Math.floor((k * (n - 1)) / 15)]! - value) / unit),
  ]);
}

/** NaN counts as an infinite error. */
function largest(errors: readonly number[]): number {
  return errors.reduce((most, error) => (Number.isNaN(error) ? Infinity : Math.max(most, Math.abs(error))), 0);
}

function total(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
