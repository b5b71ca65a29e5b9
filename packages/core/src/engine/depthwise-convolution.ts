import * as tf from '@tensorflow/tfjs-core';
import type { ConvolutionOptions } from './neural-ops.js';

/** x [N,H,W,C], filter [kh,kw,1,C] -> [N,H',W',C]. Padded explicitly: every backend supports only "valid" and TensorFlow's "same". */
export function depthwiseConv2d(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  { stride, padding }: ConvolutionOptions,
): tf.Tensor4D {
  const sides: [number, number] = [padding, padding];
  const padded = padding === 0 ? x : tf.pad4d(x, [[0, 0], sides, sides, [0, 0]]);
  const [height, width, , channels] = filter.shape;
  return tf.depthwiseConv2d(padded, tf.reshape(filter, [height, width, channels, 1]), stride, 'valid');
}
