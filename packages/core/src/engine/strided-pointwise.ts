import * as tf from '@tensorflow/tfjs-core';
import type { ConvolutionOptions } from './neural-ops.js';

export interface Convolution {
  readonly x: tf.Tensor4D;
  readonly filter: tf.Tensor4D;
  readonly options: ConvolutionOptions;
}

/**
 * The same convolution, but a strided 1x1 convolution becomes a strided slice of x and a 1x1 convolution with stride 1. libtensorflow
 * 2.21 corrupts the heap in the weight gradient of the strided one (few channels, oneDNN, one thread); on other backends its input
 * gradient costs a convolution of mostly zeros.
 */
export function lowerStridedPointwise(convolution: Convolution): Convolution {
  const { x, filter, options } = convolution;
  const [height, width] = filter.shape;
  if (height !== 1 || width !== 1 || options.stride === 1) return convolution;
  return { x: everyNth(x, options), filter, options: { stride: 1, padding: 0 } };
}

/** Every n-th row and column of x with zeros around it, in operations that all have gradients (StridedSlice has none in tfjs). */
function everyNth(x: tf.Tensor4D, { stride, padding }: ConvolutionOptions): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const rows = Math.ceil((height + 2 * padding) / stride);
  const columns = Math.ceil((width + 2 * padding) / stride);
  const padded = tf.pad4d(x, [
    [0, 0],
    [padding, rows * stride - height - padding],
    [padding, columns * stride - width - padding],
    [0, 0],
  ]);
  const rowsKept = tf.slice2d(
    tf.reshape(padded, [batch * rows, stride * columns * stride * channels]),
    [0, 0],
    [batch * rows, columns * stride * channels],
  );
  const kept = tf.slice2d(
    tf.reshape(rowsKept, [batch * rows * columns, stride * channels]),
    [0, 0],
    [batch * rows * columns, channels],
  );
  return tf.reshape(kept, [batch, rows, columns, channels]);
}
