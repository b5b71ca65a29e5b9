import type { Tf } from '@ssql/core';
import type { Tensor2D } from '@tensorflow/tfjs-core';

/** Rows of [N,D] divided by max(norm, 1e-8). */
export function unitLength(tf: Tf, x: Tensor2D): Tensor2D {
  // The bound is under the root: the norm is the same, and the gradient is finite at the zero vector.
  const norm = tf.sqrt(tf.maximum(tf.sum(tf.square(x), 1, true), 1e-16));
  return tf.div(x, norm);
}
