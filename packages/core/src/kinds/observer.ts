import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Granularity, Range } from './quantizer.js';

/** What an observer remembers between batches, by name. */
export type ObserverState = { readonly [name: string]: Tensor };

export interface Observer {
  /** The state after one more batch; `previous` is left out for the first. Pure and differentiable. */
  observe(x: Tensor, granularity: Granularity, previous?: ObserverState): ObserverState;
  /**
   * The range that a state says to quantize at `bits`, a scalar: an observer may weigh clipping against rounding, which depends on
   * the width. A state serves every width.
   */
  range(state: ObserverState, bits: Scalar): Range;
}
