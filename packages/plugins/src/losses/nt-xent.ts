import type { Tf } from '@ssql/core';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { crossEntropy } from './cross-entropy.js';
import { unitLength } from './unit-length.js';

/**
 * NT-Xent of the features of two views, [N,D] each: the mean cross-entropy of identifying, for each of the 2N features, the other view of
 * its image among the other 2N - 1 features, by cosines / temperature. SimCLR (arXiv 2002.05709), equation 1. Gradient flows into both.
 */
export function ntXent(tf: Tf, z1: Tensor2D, z2: Tensor2D, temperature: number): Scalar {
  const [a, b] = [unitLength(tf, z1), unitLength(tf, z2)];
  const all = tf.concat([a, b], 0);
  const similarities = tf.div<Tensor2D>(tf.matMul(all, all, false, true), temperature);
  const self = tf.eye(2 * z1.shape[0]);
  const pairs = tf.div<Tensor1D>(tf.sum(tf.mul(a, b), 1), temperature);
  return crossEntropy(tf, tf.sub(similarities, tf.mul(self, FAR)), tf.concat([pairs, pairs], 0));
}

/** Far above any similarity, so that the exponential is 0. */
const FAR = 1e9;
