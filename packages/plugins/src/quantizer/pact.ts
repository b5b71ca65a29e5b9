import { clamp, customGradient, definePlugin, levelCount, sumTo, within, type Quantizer, type Tf } from '@ssql/core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { GRANULARITY, ofChannels, scaleShape } from './granularity.js';

const LEAST_CLIP = 1e-6;

/** A clipping value, trained with the weights. */
export const pact = definePlugin({
  kind: 'quantizer',
  name: 'pact',
  summary: 'Parameterized clipping activation: levels from zero to a clipping value that is trained with the weights.',
  paper: 'https://arxiv.org/abs/1805.06085',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      signed: {
        description:
          'true: levels on both sides of zero, an extension of the paper. false: levels from zero up, for outputs of a ReLU.',
        type: 'boolean',
        default: false,
      },
      granularity: { ...GRANULARITY, default: 'tensor' },
      initial: {
        description:
          'The clipping value before training. Default: the largest magnitude of the first tensor that is quantized. The paper uses 10.',
        type: 'number',
        exclusiveMinimum: 0,
      },
    },
  },
  /**
   * y = clip(x, 0, alpha), x^ = round(y (2^b - 1) / alpha) alpha / (2^b - 1), equations 1 and 2; one alpha serves every width. Its gradient is 1 if
   * x >= alpha, equation 3; the optimizer's weight decay is the paper's penalty on alpha. Signed: y = clip(x, -alpha, alpha),
   * with codes up to 2^(b-1) - 1 on both sides; the gradient of alpha is -1 if x <= -alpha.
   */
  create: ({ signed, granularity, initial }, { tf }): Quantizer => ({
    granularity,
    trainables: (shape) => ({
      clip: {
        shape: scaleShape(shape, granularity),
        initial: initial ?? ((x) => ofChannels(tf, x, granularity, (rows) => tf.max(tf.abs(rows), 0))),
      },
    }),
    // `trainables` names a clipping value.
    fakeQuantize: (x, _range, bits, trained) => quantize(tf, x, trained!['clip']!, bits, signed),
    surrogate(x, _range, _bits, trained) {
      const alpha = tf.maximum(trained!['clip']!, LEAST_CLIP);
      return clamp(tf, x, signed ? tf.neg(alpha) : 0, alpha);
    },
    codes(x, _range, bits, trained) {
      const alpha = tf.maximum(trained!['clip']!, LEAST_CLIP);
      const { highest, steps } = levelsOf(tf, bits, signed);
      const scale = tf.div(alpha, steps);
      const rounded = tf.round(tf.div(clamp(tf, x, signed ? tf.neg(alpha) : 0, alpha), scale));
      return { codes: clamp(tf, rounded, tf.neg(highest), highest), scale, zeroPoint: tf.zerosLike(scale) };
    },
  }),
});

/** The highest code, and the number of steps from 0 to the clipping value. */
function levelsOf(tf: Tf, bits: Scalar, signed: boolean): { readonly highest: Tensor; readonly steps: Tensor } {
  const levels = levelCount(tf, bits);
  const highest = tf.sub(signed ? tf.div(levels, 2) : levels, 1);
  return { highest, steps: tf.maximum(highest, 1) }; // signed codes of 1 bit are only 0
}

function quantize(tf: Tf, x: Tensor, clip: Tensor, bits: Scalar, signed: boolean): Tensor {
  const { highest, steps } = levelsOf(tf, bits, signed);
  const lowerEnd = (alpha: Tensor): Tensor => (signed ? tf.neg(alpha) : tf.zerosLike(alpha));
  return customGradient(
    tf,
    { x, clip },
    ({ x, clip }) => {
      const alpha = tf.maximum(clip, LEAST_CLIP);
      const scale = tf.div(alpha, steps);
      const code = tf.round(tf.div(clamp(tf, x, lowerEnd(alpha), alpha), scale));
      return { value: tf.mul(clamp(tf, code, tf.neg(highest), highest), scale), saved: { x, alpha } };
    },
    (dy, { x, alpha }) => {
      const above = tf.cast(tf.greaterEqual(x, alpha), 'float32');
      const below = tf.cast(tf.lessEqual(x, tf.neg(alpha)), 'float32');
      const slope = signed ? tf.sub(above, below) : above;
      return { x: tf.mul(dy, within(tf, x, lowerEnd(alpha), alpha)), clip: sumTo(tf, tf.mul(dy, slope), alpha) };
    },
  );
}
