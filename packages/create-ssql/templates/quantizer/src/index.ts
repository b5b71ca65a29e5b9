import { clamp, definePlugin, levelCount, straightThrough, type Quantizer, type Range, type Tf } from '@ssql/core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';

/** Zero and, on both sides, the largest magnitude of the range and its halves, so that multiplications become shifts. */
export const quantizer = definePlugin({
  kind: 'quantizer',
  name: 'template-name',
  summary: 'Logarithmic levels: zero, and the largest magnitude divided by powers of two.',
  paper: 'https://arxiv.org/abs/1603.01025',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      granularity: {
        description: 'tensor: one range for the tensor. channel: one range for each channel of its last axis.',
        enum: ['tensor', 'channel'],
        default: 'channel',
      },
      perOctave: {
        description: 'Levels per factor of two: 1 for base 2, 2 for base sqrt(2).',
        type: 'integer',
        minimum: 1,
        maximum: 8,
        default: 1,
      },
    },
  },
  create: ({ granularity, perOctave }, { tf }): Quantizer => ({
    granularity,
    // The gradient passes to x unchanged, and not to the range.
    fakeQuantize: (x, range, bits) => straightThrough(tf, x, (x) => nearestLevel(tf, x, range, bits, perOctave)),
  }),
});

export const plugins = [quantizer];

/**
 * sign(x) M 2^((code - top) / perOctave), or 0 if the code is 0. M is the largest magnitude of the range, top = 2^(b-1) - 1, and the code
 * is rounded on the logarithmic scale.
 */
function nearestLevel(tf: Tf, x: Tensor, range: Range, bits: Scalar, perOctave: number): Tensor {
  // Avoids a division by 0 for a channel of zeros, whose values stay 0.
  const largest = tf.maximum(tf.maximum(tf.abs(range.min), tf.abs(range.max)), 1e-30);
  const top = tf.sub(levelCount(tf, tf.sub(bits, 1)), 1);
  // Bounded, because zero has no logarithm; its sign keeps it zero.
  const ratio = tf.maximum(tf.div(tf.abs(x), largest), 2 ** -32);
  const octaves = tf.div(tf.log(ratio), Math.LN2);
  const code = clamp(tf, tf.round(tf.add(top, tf.mul(octaves, perOctave))), 0, top);
  const magnitude = tf.mul(largest, tf.pow(2, tf.div(tf.sub(code, top), perOctave)));
  return tf.mul(tf.sign(x), tf.where(tf.greater(code, 0), magnitude, tf.zerosLike(magnitude)));
}
