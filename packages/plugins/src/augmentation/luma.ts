import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '@ssql/core';

/** Gray value of RGB images [N,H,W,3] -> [N,H,W,1], by torchvision's weights (ITU-R 601-2). */
export function luma(tf: Tf, images: Tensor4D): Tensor4D {
  return tf.sum(tf.mul(images, tf.tensor1d([0.2989, 0.587, 0.114])), 3, true);
}
