import type { Features } from '@ssql/core';

/** Mean and standard deviation of each of D features. */
export interface Standardization {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

const SMALLEST_DEVIATION = 1e-5; // keeps constant features finite

export function standardizationOf({ values, dimension }: Features): Standardization {
  const count = values.length / dimension;
  const mean = new Float64Array(dimension);
  const deviation = new Float64Array(dimension);
  for (let i = 0; i < values.length; i++) mean[i % dimension]! += values[i]! / count;
  for (let i = 0; i < values.length; i++) deviation[i % dimension]! += (values[i]! - mean[i % dimension]!) ** 2 / count;
  return { mean, deviation: deviation.map((variance) => Math.sqrt(variance) + SMALLEST_DEVIATION) };
}

/** (x - mean) / deviation for each feature, row-major [N,D]. */
export function standardize({ values, dimension }: Features, { mean, deviation }: Standardization): Float32Array {
  return values.map((value, i) => (value - mean[i % dimension]!) / deviation[i % dimension]!);
}
