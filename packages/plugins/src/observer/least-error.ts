import { levelCount, nonZero, type Tf } from '@ssql/core';
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';

/** The error of a factor, per channel. */
export type ErrorOf = (factor: Tensor1D) => Tensor1D;

/**
 * The error of quantizing values [rows,channels] in factor * [min, max]: the sum over the rows of powers of |quantized - value|, each times
 * its weight [rows,1].
 */
export function errorOf(
  tf: Tf,
  values: Tensor2D,
  weights: Tensor2D,
  [min, max]: readonly [Tensor1D, Tensor1D],
  bits: Scalar,
  { symmetric, exponent }: { readonly symmetric: boolean; readonly exponent: number },
): ErrorOf {
  const levels = levelCount(tf, bits);
  const codes = tf.sub(levels, 1);
  const extent = symmetric ? tf.mul(tf.maximum(tf.abs(min), tf.abs(max)), 2) : tf.sub(max, min);
  const halfUp = (x: Tensor): Tensor => tf.floor(tf.add(x, 0.5));
  return (factor) => {
    const step = tf.div(tf.mul(extent, factor), codes);
    const scale = nonZero(tf, step);
    // Codes are multiples of the scale; the zero point of an asymmetric quantizer is -lowest.
    const lowest = symmetric ? tf.div(levels, -2) : tf.round(tf.div(tf.mul(min, factor), scale));
    const highest = tf.add(lowest, codes);
    const quantized = tf.mul(tf.maximum(tf.minimum(halfUp(tf.div(values, scale)), highest), lowest), scale);
    return tf.sum(tf.mul(tf.pow(tf.abs(tf.sub(quantized, values)), exponent), weights), 0);
  };
}

/**
 * The factor in [0.2, 1] with the least error of all that a ternary search tries in 15 steps, each of which keeps two thirds of the
 * interval; 1 if none has a smaller error than `whole`, the error at 1.
 */
export function searchFactor(tf: Tf, error: ErrorOf, whole: Tensor1D): Tensor1D {
  let low: Tensor1D = tf.fill(whole.shape, 0.2);
  let high: Tensor1D = tf.onesLike(whole);
  let best: Tensor1D = high;
  let least: Tensor1D = whole;
  const consider = (factor: Tensor1D): Tensor1D => {
    const tried = error(factor);
    const better = tf.less(tried, least);
    [best, least] = [tf.where(better, factor, best), tf.where(better, tried, least)];
    return tried;
  };
  for (let step = 0; step < 15; step++) {
    const third = tf.div(tf.sub(high, low), 3);
    const [left, right]: [Tensor1D, Tensor1D] = [tf.add(low, third), tf.sub(high, third)];
    const leftIsBetter = tf.less(consider(left), consider(right));
    [low, high] = [tf.where(leftIsBetter, low, left), tf.where(leftIsBetter, right, high)];
  }
  return best;
}
