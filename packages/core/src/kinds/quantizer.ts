import type { Scalar, Tensor } from '@tensorflow/tfjs-core';

/** Smallest and largest value seen: scalars, or one per channel (the last axis). */
export interface Range {
  readonly min: Tensor;
  readonly max: Tensor;
}

export type Granularity = 'tensor' | 'channel';

/** What of a layer is quantized. */
export type Operand = 'weights' | 'activations';

export interface Quantizer {
  /** One range for the tensor, or one per channel of the last axis. */
  readonly granularity: Granularity;
  /**
   * The tensors that it trains at each site besides the weights, such as a clipping value, by name; left out: none. They join the
   * optimizer, the checkpoints and the weights as `quantizer.<weights|activations>.<site>.<name>`.
   * @param shape of the tensor at the site: a weight's, or an output's, whose first axis is a batch of any size
   */
  trainables?(shape: readonly number[], operand: Operand): Trainables;
  /**
   * Quantizes `x` at `bits` and maps the codes back to floats (fake quantization); shape kept. Pure: bits are an argument, a
   * scalar, so that one compiled step serves every bit width. The gradient is the quantizer's straight-through estimate; a
   * range made from `x` itself lets gradient flow through the scale.
   * @param trained the values of its `trainables` at the site
   */
  fakeQuantize(x: Tensor, range: Range, bits: Scalar, trained?: { readonly [name: string]: Tensor }): Tensor;
  /**
   * The function whose gradient stands in for the quantizer's (straight-through estimator), in x and with a constant range; left
   * out: the identity. Training never computes it; the laws of `@ssql/core/testing` hold the gradient of `fakeQuantize` against it.
   */
  surrogate?(x: Tensor, range: Range, bits: Scalar, trained?: { readonly [name: string]: Tensor }): Tensor;
}

/** A quantizer's trained tensors at a site. */
export interface Trainables {
  readonly [name: string]: Trainable;
}

export interface Trainable {
  readonly shape: readonly number[];
  /**
   * What it begins with: a number for all elements, or a function of the tensor at the site. That is the weight that training begins
   * with, or the output in a float pass over the first batch. Where nothing was trained with the quantizer, evaluation begins
   * with the trained weight and with the first batch that it calibrates on.
   */
  readonly initial: number | ((x: Tensor) => Tensor);
}
