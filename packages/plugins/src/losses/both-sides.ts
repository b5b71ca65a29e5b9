import { stopGradient, type Tf } from '@ssql/core';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';

type Pair = readonly [Tensor2D, Tensor2D];

/**
 * Turns a loss l(z1, z2) that trains both views into one that compares views z with constant targets t. Its value is the mean of l(z1, t2)
 * and l(t1, z2), its gradient that of their sum. If t has the values of z, value and gradient are exactly those of l(z1, z2).
 */
export function bothSides(
  tf: Tf,
  loss: (z1: Tensor2D, z2: Tensor2D) => Scalar,
  [z1, z2]: Pair,
  [t1, t2]: Pair,
): Scalar {
  const sum = tf.add<Scalar>(loss(z1, t2), loss(t1, z2));
  return tf.sub(sum, tf.div(stopGradient(sum), 2));
}
