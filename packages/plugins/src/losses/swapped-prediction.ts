import type { Tf } from '@ssql/core';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';

/**
 * The cross-entropy between the target distribution of one view and the prediction from another, the mean over all pairs of different
 * views and over the batch. SwAV (arXiv 2006.09882), equation 2; DINO (arXiv 2104.14294), equation 3.
 * @param logits of each view, [N,K]
 * @param targets of the first views, in the same order, [N,K]; rows sum to 1
 */
export function swappedPrediction(tf: Tf, logits: readonly Tensor2D[], targets: readonly Tensor2D[]): Scalar {
  const predictions = logits.map((view) => tf.logSoftmax(view));
  const terms = targets.flatMap((target, of) =>
    predictions.flatMap((prediction, from) =>
      from === of ? [] : [tf.neg(tf.mean<Scalar>(tf.sum(tf.mul(target, prediction), 1)))],
    ),
  );
  return tf.div(tf.addN(terms), terms.length);
}
