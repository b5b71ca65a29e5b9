import type { Tf } from '@ssql/core';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';

/**
 * D(p, z) = -cos(p, z), the batch's mean; p and z are [N,D]. SimSiam (arXiv 2011.10566), equation 1. Each vector is divided by
 * max(norm, 1e-8). Gradient flows into both: where z is a target, stopping it is the caller's.
 */
export function negativeCosine(tf: Tf, p: Tensor2D, z: Tensor2D): Scalar {
  const cosines = tf.sum(tf.mul(normalized(tf, p), normalized(tf, z)), 1);
  return tf.neg(tf.mean<Scalar>(cosines));
}

function normalized(tf: Tf, x: Tensor2D): Tensor {
  // Bounded under the root: the same norm as bounded after it, and a finite gradient at the zero vector.
  const norm = tf.sqrt(tf.maximum(tf.sum(tf.square(x), 1, true), 1e-16));
  return tf.div(x, norm);
}
