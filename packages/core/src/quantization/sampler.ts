import type { Random } from '../random.js';
import type { Precision } from './precision.js';

/** Draws the precision of a step. */
export interface Sampler {
  draw(random: Random, sets: BitSets, at: { readonly step: number; readonly epoch: number }): Precision;
}

/** The bit widths to draw from. */
export interface BitSets {
  readonly weights: readonly number[];
  readonly activations: readonly number[];
}
