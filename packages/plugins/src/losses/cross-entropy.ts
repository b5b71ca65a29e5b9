import { stopGradient, type Tf } from '@ssql/core';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';

/**
 * -log(exp(positive) / sum of exp(logits)), the mean over rows.
 * @param logits of all candidates, including the correct candidate, [N,C]
 * @param positive logit of the correct candidate, [N]
 */
export function crossEntropy(tf: Tf, logits: Tensor2D, positive: Tensor1D): Scalar {
  const largest = stopGradient(tf.max(logits, 1, true)); // any shift gives the same value and gradient
  const all = tf.add(tf.log(tf.sum(tf.exp(tf.sub(logits, largest)), 1)), tf.squeeze(largest, [1]));
  return tf.mean<Scalar>(tf.sub(all, positive));
}
