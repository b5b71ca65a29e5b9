import type { Granularity, Tf } from '@ssql/core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { withoutGradient } from '../observer/without-gradient.js';

/** 2^bits, exact also where a backend's power is an ulp off. */
export function levelCount(tf: Tf, bits: Scalar): Tensor {
  return tf.round(tf.pow(2, bits));
}

/** The codes of signed levels, from -2^(b-1) to 2^(b-1) - 1, or of unsigned ones, from 0 to 2^b - 1. */
export function codesOf(tf: Tf, bits: Scalar, signed: boolean): { readonly lowest: Tensor; readonly highest: Tensor } {
  const levels = levelCount(tf, bits);
  return signed
    ? { lowest: tf.div(levels, -2), highest: tf.sub(tf.div(levels, 2), 1) }
    : { lowest: tf.zerosLike(levels), highest: tf.sub(levels, 1) };
}

export function clamp(tf: Tf, x: Tensor, lowest: Tensor | number, highest: Tensor | number): Tensor {
  return tf.minimum(tf.maximum(x, lowest), highest);
}

/** Where `x` lies between two bounds, them included: 1, and 0 elsewhere. */
export function within(tf: Tf, x: Tensor, lowest: Tensor | number, highest: Tensor | number): Tensor {
  return tf.cast(tf.logicalAnd(tf.greaterEqual(x, lowest), tf.lessEqual(x, highest)), 'float32');
}

/** `x`, and 1 where it is 0: to divide by. */
export function nonZero(tf: Tf, x: Tensor): Tensor {
  return tf.where(
    withoutGradient(tf, () => tf.equal(x, 0)),
    tf.onesLike(x),
    x,
  );
}

/** Rounds half to even; the gradient passes as if it did not (straight-through estimator). */
export function roundStraightThrough(tf: Tf, x: Tensor): Tensor {
  return tf.customGrad((x) => ({ value: tf.round(x as Tensor), gradFunc: (dy: Tensor) => dy }))(x);
}

/** Sums over the axes that `scale`, a scalar or one number per channel, was broadcast along. */
export function sumTo(tf: Tf, gradient: Tensor, scale: Tensor): Tensor {
  return tf.sum(
    gradient,
    Array.from({ length: gradient.rank - scale.rank }, (_, axis) => axis),
  );
}

/** The shape of one number for a tensor, or for each of its channels. */
export function scaleShape(shape: readonly number[], granularity: Granularity): readonly number[] {
  return granularity === 'channel' ? shape.slice(-1) : [];
}

/** A statistic of the rows of each channel, or of all values: `reduce` takes [rows,channels] to [channels]. */
export function ofChannels(tf: Tf, x: Tensor, granularity: Granularity, reduce: (rows: Tensor) => Tensor): Tensor {
  const shape = scaleShape(x.shape, granularity);
  return tf.reshape(reduce(tf.reshape(x, [-1, shape[0] ?? 1])), [...shape]);
}

/** The description that quantizers of one scale for a tensor or for each channel share. */
export const GRANULARITY = {
  description: 'One scale for the tensor, or one for each channel of its last axis.',
  enum: ['tensor', 'channel'],
} as const;
