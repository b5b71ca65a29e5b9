import type { Random } from '../random.js';
import type { Precision } from '../quantization/precision.js';

/** Draws the precision of a step: a function of only the stream, the sets, the step and the epoch. */
export interface Sampler {
  /** How long a draw is kept; default: a step. All draws of a period get the same stream. */
  readonly per?: 'step' | 'epoch';
  /** Checks the sets before the first step. @throws SsqlError if it cannot draw from them */
  check?(sets: BitSets): void;
  draw(random: Random, sets: BitSets, at: SamplePoint): Precision;
}

/** Which draw it is. */
export interface SamplePoint {
  readonly step: number;
  readonly epoch: number;
  /** The index of the precision in its step, from 0: that of the wrapper's `branches.quantized(index)`. */
  readonly index: number;
}

/** The bit widths to draw from. */
export interface BitSets {
  readonly weights: readonly number[];
  readonly activations: readonly number[];
}
