import type { Tf } from '@ssql/core';
import type { Tensor2D } from '@tensorflow/tfjs-core';

/**
 * Codes of a batch, from its scores [N,K] for K prototypes: exp(scores / epsilon), scaled in turn so that each prototype gets an equal share
 * of the batch and each row sums to 1. SwAV (arXiv 2006.09882), equation 3.
 */
export function sinkhorn(
  tf: Tf,
  scores: Tensor2D,
  { epsilon, iterations }: { readonly epsilon: number; readonly iterations: number },
): Tensor2D {
  // Any shift gives the same codes; this one keeps the exponentials finite.
  let codes = tf.exp(tf.div<Tensor2D>(tf.sub(scores, tf.max(scores)), epsilon));
  for (let iteration = 0; iteration < iterations; iteration++) {
    codes = tf.div(codes, tf.sum(codes, 0, true));
    codes = tf.div(codes, tf.sum(codes, 1, true));
  }
  return codes;
}
