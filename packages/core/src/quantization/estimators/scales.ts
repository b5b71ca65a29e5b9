import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../../engine/engine.js';
import { withoutGradient } from './without-gradient.js';

/** `x` with zeros replaced by 1, of x's shape: a scale to divide by. Gradient passes to `x` where it is not 0. */
export function nonZero(tf: Tf, x: Tensor): Tensor {
  return tf.where(
    withoutGradient(tf, () => tf.equal(x, 0)),
    tf.onesLike(x),
    x,
  );
}

/**
 * The gradient of `scale`, a scalar or one number per channel [C], from the gradient of each element [...,C]: sums over the leading axes
 * along which `scale` was broadcast. Of scale's shape.
 */
export function sumTo(tf: Tf, gradient: Tensor, scale: Tensor): Tensor {
  return tf.sum(
    gradient,
    Array.from({ length: gradient.rank - scale.rank }, (_, axis) => axis),
  );
}
