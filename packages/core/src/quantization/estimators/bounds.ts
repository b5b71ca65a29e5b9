import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../../engine/engine.js';

/**
 * `x` clipped to the bounds, of x's shape. Bounds are numbers or tensors that broadcast to x's shape. Gradient passes to `x` where it
 * lies within the bounds, inclusive. Elsewhere it passes to the bound only if the bounds have x's shape: for a learned bound that is
 * broadcast, write a `customGradient`.
 */
export function clamp(tf: Tf, x: Tensor, lowest: Tensor | number, highest: Tensor | number): Tensor {
  return tf.minimum(tf.maximum(x, lowest), highest);
}

/**
 * 1 where `x` lies between two bounds, inclusive, and 0 elsewhere: float32, of x's shape. It is the gradient of `clamp` in x. Bounds are
 * numbers or tensors that broadcast to x's shape. No gradient passes.
 */
export function within(tf: Tf, x: Tensor, lowest: Tensor | number, highest: Tensor | number): Tensor {
  return tf.cast(tf.logicalAnd(tf.greaterEqual(x, lowest), tf.lessEqual(x, highest)), 'float32');
}
