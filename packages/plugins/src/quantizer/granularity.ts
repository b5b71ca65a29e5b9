import type { Granularity, Tf } from '@ssql/core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Shape of a scale: one number for the tensor, or one for each channel. */
export function scaleShape(shape: readonly number[], granularity: Granularity): readonly number[] {
  return granularity === 'channel' ? shape.slice(-1) : [];
}

/** A statistic of each channel, or of all values: `reduce` maps [rows,channels] to [channels]. */
export function ofChannels(tf: Tf, x: Tensor, granularity: Granularity, reduce: (rows: Tensor) => Tensor): Tensor {
  const shape = scaleShape(x.shape, granularity);
  return tf.reshape(reduce(tf.reshape(x, [-1, shape[0] ?? 1])), [...shape]);
}

/** The option of quantizers with one scale for the tensor or one for each channel. */
export const GRANULARITY = {
  description: 'tensor: one scale for the tensor. channel: one scale for each channel of its last axis.',
  enum: ['tensor', 'channel'],
} as const;
