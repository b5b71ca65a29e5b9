import type { Tf } from '@ssql/core';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';

/** Standard deviation that each variable of the embedding is held above (gamma). */
const LEAST_DEVIATION = 1;
/** Added to the variance under the root (epsilon). */
const EPSILON = 1e-4;

/**
 * s(Z, Z'): the squared distance of the two embeddings of an image; z and z' are [N,D]. A mean over the images and, as in algorithm 1
 * of the paper, over the D variables; it is for this scale that the weights 25, 25 and 1 are given.
 */
export function invariance(tf: Tf, z: Tensor2D, other: Tensor2D): Scalar {
  return tf.mean(tf.square(tf.sub(z, other)));
}

/** v(Z), equation 1: the mean over the variables of max(0, 1 - sqrt(Var + epsilon)); the variance over the batch is unbiased. */
export function variance(tf: Tf, z: Tensor2D): Scalar {
  const deviation = tf.sqrt(tf.add(variances(tf, centered(tf, z)), EPSILON));
  return tf.mean(tf.relu(tf.sub(LEAST_DEVIATION, deviation)));
}

/** c(Z), equation 4: the squares of the off-diagonal entries of the covariance matrix (equation 3), summed and divided by D. */
export function covariance(tf: Tf, z: Tensor2D): Scalar {
  const [, variables] = z.shape;
  const x = centered(tf, z);
  const matrix = tf.div(tf.matMul(x, x, true, false), degreesOfFreedom(z));
  // Less the diagonal, rather than under a mask, which would be one more matrix of D x D.
  const offDiagonal = tf.sub(tf.sum(tf.square(matrix)), tf.sum(tf.square(variances(tf, x))));
  return tf.div(offDiagonal, variables);
}

function centered(tf: Tf, z: Tensor2D): Tensor2D {
  return tf.sub(z, tf.mean(z, 0, true));
}

function variances(tf: Tf, centered: Tensor2D): Tensor {
  return tf.div(tf.sum(tf.square(centered), 0), degreesOfFreedom(centered));
}

/** A batch of one has no spread; it is not divided by zero. */
function degreesOfFreedom({ shape: [images] }: Tensor2D): number {
  return Math.max(images - 1, 1);
}
