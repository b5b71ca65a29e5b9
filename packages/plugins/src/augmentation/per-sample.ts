import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '@ssql/core';

/** A column of the parameters [N,P], shaped [N,1,1,1] to meet images. */
export function column(tf: Tf, parameters: Tensor2D, index: number): Tensor4D {
  return tf.reshape(tf.slice(parameters, [0, index], [parameters.shape[0], 1]), [parameters.shape[0], 1, 1, 1]);
}

/** The changed image if the sample's flag [N,1,1,1] is 1, the original image if it is 0. Exact, because flags are 0 or 1. */
export function choose(tf: Tf, flags: Tensor4D, changed: Tensor4D, images: Tensor4D): Tensor4D {
  return tf.add(tf.mul(flags, changed), tf.mul(tf.sub(1, flags), images));
}
