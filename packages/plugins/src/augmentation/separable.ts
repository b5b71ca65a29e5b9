import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '@ssql/core';

/**
 * Applies a linear map to the rows and another to the columns of each image, as two batched matrix products.
 * images [N,H,W,C], rows [N,H',H], columns [N,W',W] -> [N,H',W',C].
 */
export function separable(tf: Tf, images: Tensor4D, rows: Tensor3D, columns: Tensor3D): Tensor4D {
  const [count, height, width, channels] = images.shape;
  const newHeight = rows.shape[1];
  const newWidth = columns.shape[1];
  const sideways: Tensor3D = tf.reshape(tf.transpose(images, [0, 2, 1, 3]), [count, width, height * channels]);
  const narrowed: Tensor4D = tf.reshape(tf.matMul(columns, sideways), [count, newWidth, height, channels]);
  const upright: Tensor3D = tf.reshape(tf.transpose(narrowed, [0, 2, 1, 3]), [count, height, newWidth * channels]);
  return tf.reshape(tf.matMul(rows, upright), [count, newHeight, newWidth, channels]);
}
