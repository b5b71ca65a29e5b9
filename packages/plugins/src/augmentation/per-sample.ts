import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '@ssql/core';

/** A column [N,1] of the parameters [N,P]. */
export function parameter(tf: Tf, parameters: Tensor2D, index: number): Tensor2D {
  return tf.slice(parameters, [0, index], [parameters.shape[0], 1]);
}

/** A column of the parameters [N,P], shaped [N,1,1,1] to meet images. */
export function column(tf: Tf, parameters: Tensor2D, index: number): Tensor4D {
  return tf.reshape(parameter(tf, parameters, index), [parameters.shape[0], 1, 1, 1]);
}

/** What is changed if the sample's flag is 1, what is not if it is 0; flags have the rank of the images. Exact, because flags are 0 or 1. */
export function choose<T extends Tensor>(tf: Tf, flags: T, changed: T, unchanged: T): T {
  return tf.add(tf.mul(flags, changed), tf.mul(tf.sub(1, flags), unchanged));
}
