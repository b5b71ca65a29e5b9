import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '@ssql/core';

/** Red, green and blue of RGB images, each [N,H*W]: operations on pixels are several times as fast as on a last axis of three. */
export type Planes = readonly [red: Tensor2D, green: Tensor2D, blue: Tensor2D];

/** The planes of images [N,H,W,3]. */
export function toPlanes(tf: Tf, images: Tensor4D): Planes {
  const [count, height, width] = images.shape;
  const pixels: Tensor2D = tf.reshape(images, [count * height * width, 3]);
  const planes: Tensor3D = tf.reshape(tf.transpose(pixels), [3, count, height * width]);
  return tf.unstack(planes) as [Tensor2D, Tensor2D, Tensor2D]; // three of [N,H*W]
}

/** Images [N,H,W,3] of planes. */
export function fromPlanes(tf: Tf, planes: Planes, [count, height, width]: Tensor4D['shape']): Tensor4D {
  return tf.reshape(tf.transpose(tf.stack([...planes], 1), [0, 2, 1]), [count, height, width, 3]);
}

/** Gray values [N,H*W], by torchvision's weights (ITU-R 601-2). */
export function luma(tf: Tf, [red, green, blue]: Planes): Tensor2D {
  return tf.add(tf.add(tf.mul(red, 0.2989), tf.mul(green, 0.587)), tf.mul(blue, 0.114));
}
