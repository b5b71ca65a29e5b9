import type { Random } from '../random.js';
import type { Precision } from '../quantization/precision.js';

/** Draws the precision of a step: a function of only the stream, the sets, the step and the epoch. */
export interface Sampler {
  /** How long a draw is kept; default: a step. All draws of a period get the same stream. */
  readonly per?: 'step' | 'epoch';
  /** Checks the sets before the first step. @throws SsqlError if it cannot draw from them */
  check?(sets: BitSets): void;
  draw(random: Random, sets: BitSets, at: { readonly step: number; readonly epoch: number }): Precision;
}

/** The bit widths to draw from. */
export interface BitSets {
  readonly weights: readonly number[];
  readonly activations: readonly number[];
}
