import type { Random } from '../random.js';
import type { Precision } from '../quantization/precision.js';

/** Draws the precision of a step: a function of the stream, the sets and the place in the training alone. */
export interface Sampler {
  /** How long a draw holds; left out: a step. All draws of a period get the same stream. */
  readonly per?: 'step' | 'epoch';
  /** Checks the sets before the first step. @throws SsqlError where it cannot draw from them */
  check?(sets: BitSets): void;
  draw(random: Random, sets: BitSets, at: { readonly step: number; readonly epoch: number }): Precision;
}

/** The bit widths to draw from. */
export interface BitSets {
  readonly weights: readonly number[];
  readonly activations: readonly number[];
}
