import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Granularity, Range } from './quantizer.js';

/** An observer's state between batches, by name. */
export type ObserverState = { readonly [name: string]: Tensor };

export interface Observer {
  /** The state after another batch; `previous` is omitted for the first. Pure and differentiable. */
  observe(x: Tensor, granularity: Granularity, previous?: ObserverState): ObserverState;
  /**
   * The range to quantize at `bits`, a scalar, from a state. An observer may trade clipping against rounding, which depends on the
   * width. One state serves every width.
   */
  range(state: ObserverState, bits: Scalar): Range;
}
