import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { recipeNamed, type HostTensor, type Recipe } from './recipe.js';

/** The golden files: SSQL_GOLDEN, or `data` beside this file. */
export const GOLDEN_FOLDER = process.env['SSQL_GOLDEN'] ?? fileURLToPath(new URL('data', import.meta.url));

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

/** The names of the golden files, `.json` at their end, sorted. */
export function goldenFiles(): readonly string[] {
  if (!existsSync(GOLDEN_FOLDER))
    throw new Error(
      `The folder of golden numbers, ${GOLDEN_FOLDER}, does not exist. Correct SSQL_GOLDEN, or leave it unset.`,
    );
  const names = readdirSync(GOLDEN_FOLDER).filter((file) => /\.json(\.gz)?$/.test(file));
  return [...new Set(names.map((file) => file.replace(/\.gz$/, '')))].sort();
}

/** A golden file's content, `<file>` or `<file>.gz`; the type is the caller's reading of it. Call it within a test, not while tests are loaded. */
export function readGolden<T>(file: string): T {
  const plain = join(GOLDEN_FOLDER, file);
  if (existsSync(plain)) return JSON.parse(readFileSync(plain, 'utf8')) as T;
  if (existsSync(`${plain}.gz`)) return JSON.parse(gunzipSync(readFileSync(`${plain}.gz`)).toString()) as T;
  throw new Error(
    `The golden file ${file} is not in ${GOLDEN_FOLDER}. Set SSQL_GOLDEN to a folder that has it, or leave SSQL_GOLDEN unset.`,
  );
}

/** What every recipe name of the golden files begins with: sets differ in it. */
const goldenPrefix = once(() => readGolden<{ readonly recipe_prefix: string }>('recipe_check.json').recipe_prefix);

/** The tensor of a name that a golden file writes without the prefix. Where a file writes the prefix too, that is `recipeNamed`. */
export const goldenRecipe: Recipe = (name, shape, range) => recipeNamed(goldenPrefix() + name, shape, range);

function once<T>(read: () => T): () => T {
  let value: T | undefined;
  return () => (value ??= read());
}

/** How far something of ours is from what the official implementation computes, and how far it may be. */
export interface Measure {
  /** Begins with `not ours: ` where only the official code does this; then the words say why ours does not. */
  readonly what: string;
  readonly error: number;
  readonly tolerance: number;
  /** The magnitude of what is compared, where the error is absolute. Left out, the error is relative, and this 1. */
  readonly magnitude?: number;
  /** A coarse fact: a case fails where it is beyond its tolerance, and yet does not pass by coarse facts alone. */
  readonly coarse?: boolean;
  /** Which attempt this is of, where the case as training computes it is too far off (`parity/float-noise.ts`). */
  readonly attempt?: string;
}

/** Compares a tensor in PyTorch's layout with the golden one. */
export function measure(actual: HostTensor, golden: Golden, tolerance: number, what: string): Measure {
  if (actual.shape.join() !== golden.shape.join())
    return {
      what: `${what}: [${actual.shape.join()}] in place of [${golden.shape.join()}]`,
      error: Infinity,
      tolerance,
    };
  return { what, error: goldenError(actual, golden), tolerance, ...magnitude(largestOf(golden)) };
}

/** Compares two numbers, relative to the golden one where that is above 1. */
export function measureNumber(actual: number, golden: number, tolerance: number, what: string): Measure {
  const error = largest([(actual - golden) / Math.max(1, Math.abs(golden))]);
  return { what, error, tolerance, ...magnitude(Math.abs(golden)) };
}

/** Errors are relative to values above 1, and absolute below. Of a golden 0, every difference says something. */
export function magnitude(value: number): { readonly magnitude?: number } {
  return value > 0 && value < 1 ? { magnitude: value } : {};
}

/** Whether it is as near as it has to be. */
export function isNear({ error, tolerance }: Measure): boolean {
  return error <= tolerance;
}

/** An allowance of half the value or more asserts nothing. */
export function saysNothing({ tolerance, magnitude = 1 }: Measure): boolean {
  return tolerance > 0 && tolerance >= magnitude / 2;
}

/** Fails where a measure is beyond its tolerance, and where no measure says anything. */
export function assertNear(measures: readonly Measure[]): void {
  const far = measures.filter((measure) => !isNear(measure));
  assert.equal(
    far.map(({ what, error, tolerance }) => `${what}: off by ${error}, more than ${tolerance}`).join('\n'),
    '',
  );
  assert.ok(measures.some(isEvidence), 'no measure says anything: each allows half the value or more');
}

/** Whether a case can pass by it. */
export function isEvidence(measure: Measure): boolean {
  return measure.coarse !== true && !saysNothing(measure);
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
  const unit = Math.max(1, largestOf(golden));
  if ('values' in golden) {
    return largest(golden.values.map((value, i) => (values[i]! - value) / unit));
  }
  const { sum, l2norm, min, max, first16, spaced16 } = golden;
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

/** The largest magnitude of a golden tensor's elements. */
function largestOf(golden: Golden): number {
  return largest('values' in golden ? golden.values : [golden.min, golden.max]);
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
