import type { Granularity, Tf } from '@ssql/core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** The shape of one number for a tensor, or for each of its channels. */
export function scaleShape(shape: readonly number[], granularity: Granularity): readonly number[] {
  return granularity === 'channel' ? shape.slice(-1) : [];
}

/** A statistic of the rows of each channel, or of all values: `reduce` takes [rows,channels] to [channels]. */
export function ofChannels(tf: Tf, x: Tensor, granularity: Granularity, reduce: (rows: Tensor) => Tensor): Tensor {
  const shape = scaleShape(x.shape, granularity);
  return tf.reshape(reduce(tf.reshape(x, [-1, shape[0] ?? 1])), [...shape]);
}

/** The description that quantizers of one scale for a tensor or for each channel share. */
export const GRANULARITY = {
  description: 'One scale for the tensor, or one for each channel of its last axis.',
  enum: ['tensor', 'channel'],
} as const;
