import type { Tf } from '@ssql/core';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { unitLength } from './unit-length.js';

/**
 * D(p, z) = -cos(p, z), the batch's mean; p and z are [N,D]. SimSiam (arXiv 2011.10566), equation 1. Each vector is divided by
 * max(norm, 1e-8). Gradient flows into both: the caller stops the gradient of targets.
 */
export function negativeCosine(tf: Tf, p: Tensor2D, z: Tensor2D): Scalar {
  const cosines = tf.sum(tf.mul(unitLength(tf, p), unitLength(tf, z)), 1);
  return tf.neg(tf.mean<Scalar>(cosines));
}
