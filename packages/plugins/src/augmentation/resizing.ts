import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import type { Tf } from '@ssql/core';

/** The `antialias` option of augmentations that resize. */
export const ANTIALIAS = {
  type: 'boolean',
  default: true,
  description: 'When an image shrinks, average over all pixels that become one pixel, instead of over the nearest two.',
} as const;

/**
 * Interpolation matrices [N,to,from] that resize the interval [start, start + length) of `from` pixels to `to` pixels: bilinear as in
 * torchvision. Each row sums to 1. Rows are hat functions, cut off at the ends of the interval; antialias widens them if it shrinks.
 * @param start [N,1], integers, in pixels
 * @param length [N,1], integers, in pixels
 */
export function resizing(
  tf: Tf,
  start: Tensor2D,
  length: Tensor2D,
  from: number,
  to: number,
  antialias: boolean,
): Tensor3D {
  const count = start.shape[0];
  const begin: Tensor3D = tf.reshape(start, [count, 1, 1]);
  const extent: Tensor3D = tf.reshape(length, [count, 1, 1]);
  const step = tf.div(extent, to);
  const outputs: Tensor3D = tf.reshape(tf.range(0, to, 1), [1, to, 1]);
  const inputs = tf.sub(tf.reshape(tf.range(0, from, 1), [1, 1, from]), begin);
  const distance = tf.abs(tf.sub(tf.add(inputs, 0.5), tf.mul(tf.add(outputs, 0.5), step)));
  const hat = tf.relu(tf.sub(1, antialias ? tf.div(distance, tf.maximum(step, 1)) : distance));
  // 1 inside the interval and 0 outside it: start and length are integers.
  const within = tf.mul(tf.clipByValue(tf.add(inputs, 1), 0, 1), tf.clipByValue(tf.sub(extent, inputs), 0, 1));
  const weights = tf.mul(hat, within);
  return tf.div(weights, tf.sum(weights, 2, true));
}
