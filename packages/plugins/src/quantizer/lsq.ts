import { clamp, codesOf, customGradient, definePlugin, sumTo, within, type Quantizer, type Tf } from '@ssql/core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { GRANULARITY, ofChannels, scaleShape } from './granularity.js';

/** The smallest step, as in the official code. */
const LEAST_STEP = 1e-6;

/** A step, trained with the weights. */
export const lsq = definePlugin({
  kind: 'quantizer',
  name: 'lsq',
  summary:
    'Learned step size: evenly spaced levels. One magnitude, trained with the weights, sets the step at every bit width.',
  paper: 'https://arxiv.org/abs/1902.08153',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      signed: {
        description: 'true: levels on both sides of zero. false: levels from zero up, for outputs of a ReLU.',
        type: 'boolean',
        default: true,
      },
      granularity: { ...GRANULARITY, default: 'channel' },
    },
  },
  /**
   * x^ = s clip(round(x / s), -Qn, Qp), equations 1 and 2. The magnitude m is trained. Each width derives its step from it,
   * s = 2 m / sqrt(Qp). m starts as mean|x|, so that at every width s starts as in section 2.1.
   *
   * The gradient of m is that of s (equation 3), times the paper's g = 1 / sqrt(N Qp), times sqrt(Qp) / 2: a step of gradient descent then
   * moves s at the drawn width exactly as LSQ trained for that width alone would. N counts all elements of x, including the batch, as in
   * the official code; the paper counts features. The official quantizer of activations cannot be constructed, because two arguments
   * are swapped; with the arguments in order, it equals this one.
   */
  create: ({ signed, granularity }, { tf }): Quantizer => ({
    granularity,
    trainables: (shape) => ({
      magnitude: {
        shape: scaleShape(shape, granularity),
        initial: (x) => ofChannels(tf, x, granularity, (rows) => tf.mean(tf.abs(rows), 0)),
      },
    }),
    // `trainables` names it.
    fakeQuantize: (x, _range, bits, trained) => quantize(tf, x, trained!['magnitude']!, bits, signed),
    surrogate(x, _range, bits, trained) {
      const { lowest, highest } = codesOf(tf, bits, signed);
      const step = stepOf(tf, trained!['magnitude']!, highest);
      return clamp(tf, x, tf.mul(lowest, step), tf.mul(highest, step));
    },
    codes(x, _range, bits, trained) {
      const { lowest, highest } = codesOf(tf, bits, signed);
      const scale = stepOf(tf, trained!['magnitude']!, highest);
      const codes = clamp(tf, tf.round(tf.div(x, scale)), lowest, highest);
      return { codes, scale, zeroPoint: tf.zerosLike(scale) };
    },
  }),
});

/** sqrt(Qp) / 2. Signed codes of 1 bit have Qp = 0, which counts as 1. */
function steps(tf: Tf, highest: Tensor): Tensor {
  return tf.div(tf.sqrt(tf.maximum(highest, 1)), 2);
}

function stepOf(tf: Tf, magnitude: Tensor, highest: Tensor): Tensor {
  return tf.maximum(tf.div(magnitude, steps(tf, highest)), LEAST_STEP);
}

function quantize(tf: Tf, x: Tensor, magnitude: Tensor, bits: Scalar, signed: boolean): Tensor {
  const { lowest, highest } = codesOf(tf, bits, signed);
  return customGradient(
    tf,
    { x, magnitude },
    ({ x, magnitude }) => {
      const step = stepOf(tf, magnitude, highest);
      const code = clamp(tf, tf.round(tf.div(x, step)), lowest, highest);
      return { value: tf.mul(code, step), saved: { x, step, lowest, highest } };
    },
    (dy, { x, step, lowest, highest }) => {
      const quotient = tf.div(x, step);
      const inside = within(tf, quotient, lowest, highest);
      const code = clamp(tf, tf.round(quotient), lowest, highest);
      const ofStep = sumTo(tf, tf.mul(dy, tf.sub(code, tf.mul(inside, quotient))), step);
      const g = tf.rsqrt(tf.mul(tf.maximum(highest, 1), x.size));
      return { x: tf.mul(dy, inside), magnitude: tf.mul(ofStep, tf.mul(g, steps(tf, highest))) };
    },
  );
}
