import type { Tf } from '@ssql/core';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { crossEntropy } from './cross-entropy.js';

interface Keys {
  /** Keys of the same images, in the same order, [N,D]. */
  readonly positives: Tensor2D;
  /** Keys of other images, [K,D]. */
  readonly negatives: Tensor2D;
}

/**
 * InfoNCE, the batch's mean: -log of the share of exp(q k+ / T) among all exp(q k / T). MoCo (arXiv 1911.05722), equation 1. Queries
 * [N,D] and keys have unit length. Gradient flows into all arguments: the caller stops the gradient of targets.
 */
export function infoNce(tf: Tf, queries: Tensor2D, { positives, negatives }: Keys, temperature: number): Scalar {
  const positive = tf.sum<Tensor2D>(tf.mul(queries, positives), 1, true);
  const others = tf.matMul(queries, negatives, false, true);
  const logits = tf.div<Tensor2D>(tf.concat([positive, others], 1), temperature);
  return crossEntropy(tf, logits, tf.div<Tensor1D>(tf.squeeze(positive, [1]), temperature));
}
