import type { Scalar, Tensor } from '@tensorflow/tfjs-core';

/** Ends of a range: scalars, or one value per channel (the last axis). */
export interface Range {
  readonly min: Tensor;
  readonly max: Tensor;
}

export type Granularity = 'tensor' | 'channel';

/** What is quantized in a layer. */
export type Operand = 'weights' | 'activations';

export interface Quantizer {
  /** One range for the tensor, or one per channel of the last axis. */
  readonly granularity: Granularity;
  /**
   * The tensors that it trains at each site besides the weights, such as a clipping value, by name; default: none. The optimizer updates
   * them, and checkpoints and weights contain them as `quantizer.<weights|activations>.<site>.<name>`.
   * @param shape the shape of the tensor at the site: a weight, or an output, whose first axis is a batch of any size
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
   * The function whose gradient replaces the quantizer's (straight-through estimator), in x and with a constant range; default: the
   * identity. Training never computes it; the laws of `@ssql/core/testing` compare the gradient of `fakeQuantize` with it.
   */
  surrogate?(x: Tensor, range: Range, bits: Scalar, trained?: { readonly [name: string]: Tensor }): Tensor;
  /**
   * The integers that `fakeQuantize` rounds `x` to, for stages that export a network: `fakeQuantize` returns (codes - zeroPoint) * scale,
   * in this order of operations, to float rounding. Same arguments, no gradient. If the range of a channel is empty, `fakeQuantize` may
   * leave `x` as it is; codes then differ. Omit it if the levels are not evenly spaced.
   */
  codes?(x: Tensor, range: Range, bits: Scalar, trained?: { readonly [name: string]: Tensor }): Codes;
}

/** A tensor as integers. */
export interface Codes {
  /** Integers of x's shape, as float32. The largest is less than the smallest + 2^b. */
  readonly codes: Tensor;
  /** The distance between two levels: a scalar, or one number for each channel (the last axis). */
  readonly scale: Tensor;
  /** The code of 0, of the scale's shape. A fraction if 0 is not a level. */
  readonly zeroPoint: Tensor;
}

/** A quantizer's trained tensors at a site. */
export interface Trainables {
  readonly [name: string]: Trainable;
}

export interface Trainable {
  readonly shape: readonly number[];
  /**
   * The initial value: a number for all elements, or a function of the tensor at the site: the initial weight, or the output in a float
   * pass over the first batch. If training did not use the quantizer, evaluation computes the initial value from the trained weight or
   * from the first calibration batch.
   */
  readonly initial: number | ((x: Tensor) => Tensor);
}
