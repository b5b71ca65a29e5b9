import type { Tf } from '@ssql/core';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';

/**
 * The loss of Barlow Twins (arXiv 2103.03230), equations 1 and 2: with C [D,D], the correlations over the batch between the variables of
 * two views' embeddings [N,D], the sum of (1 - C_ii)^2 and of lambda C_ij^2 for i != j. Gradient flows into both.
 */
export function redundancyReduction(tf: Tf, z1: Tensor2D, z2: Tensor2D, lambda: number): Scalar {
  const [count, dim] = z1.shape;
  const correlations = tf.div(tf.matMul(standardized(tf, z1), standardized(tf, z2), true, false), count);
  const identity = tf.eye(dim);
  const weights = tf.add(tf.mul(identity, 1 - lambda), lambda); // 1 on the diagonal, lambda elsewhere
  return tf.sum<Scalar>(tf.mul(tf.square(tf.sub(correlations, identity)), weights));
}

/** Scales each variable to mean 0 and variance 1 over the batch, like the paper's batch norm without affine part. */
function standardized(tf: Tf, z: Tensor2D): Tensor2D {
  const centered = tf.sub(z, tf.mean(z, 0, true));
  const variance = tf.mean(tf.square(centered), 0, true);
  return tf.div(centered, tf.sqrt(tf.add(variance, 1e-5)));
}
