import type { Tf } from '@ssql/core';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';

/** The standard deviation that the variance term demands of each variable of the embedding (gamma). */
const LEAST_DEVIATION = 1;
/** Added to the variance under the root (epsilon). */
const EPSILON = 1e-4;

/**
 * s(Z, Z'): the squared distance of the two embeddings of an image; z and z' are [N,D]. It is a mean over the images and, as in algorithm 1 of
 * the paper, over the D variables; the weights 25, 25 and 1 assume this scale.
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
  // The diagonal is subtracted, because a mask would need another D x D matrix.
  const offDiagonal = tf.sub(tf.sum(tf.square(matrix)), tf.sum(tf.square(variances(tf, x))));
  return tf.div(offDiagonal, variables);
}

function centered(tf: Tf, z: Tensor2D): Tensor2D {
  return tf.sub(z, tf.mean(z, 0, true));
}

function variances(tf: Tf, centered: Tensor2D): Tensor {
  return tf.div(tf.sum(tf.square(centered), 0), degreesOfFreedom(centered));
}

/** N - 1, but at least 1: a batch of one image has no spread, and nothing is divided by zero. */
function degreesOfFreedom({ shape: [images] }: Tensor2D): number {
  return Math.max(images - 1, 1);
}
