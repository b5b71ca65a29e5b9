import type { Scalar, Tensor } from '@tensorflow/tfjs-core';

/** Smallest and largest value seen: scalars, or one per channel (the last axis). */
export interface Range {
  readonly min: Tensor;
  readonly max: Tensor;
}

export type Granularity = 'tensor' | 'channel';

export interface Quantizer {
  /** One range for the tensor, or one per channel of the last axis. */
  readonly granularity: Granularity;
  /**
   * Quantizes `x` at `bits` and maps the codes back to floats (fake quantization); shape kept. Pure: bits are an argument, a
   * scalar, so that one compiled step serves every bit width. The gradient is the quantizer's straight-through estimate; a
   * range made from `x` itself lets gradient flow through the scale.
   */
  fakeQuantize(x: Tensor, range: Range, bits: Scalar): Tensor;
}

/** What an observer remembers between batches, by name. */
export type ObserverState = { readonly [name: string]: Tensor };

export interface Observer {
  /** The state after one more batch; `previous` is left out for the first. Pure and differentiable. */
  observe(x: Tensor, granularity: Granularity, previous?: ObserverState): ObserverState;
  range(state: ObserverState): Range;
}
