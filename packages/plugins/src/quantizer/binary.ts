import { clamp, customGradient, definePlugin, within, type Quantizer, type Tf } from '@ssql/core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Two levels. */
export const binary = definePlugin({
  kind: 'quantizer',
  name: 'binary',
  summary: 'Binarized neural networks: the sign, -1 or 1. Serves 1 bit.',
  serves: { bits: { min: 1, max: 1 } },
  paper: 'https://arxiv.org/abs/1602.02830',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      signed: {
        description: 'true: levels -1 and 1. false: levels 0 and 1, for outputs of a ReLU, which are never negative.',
        type: 'boolean',
        default: true,
      },
    },
  },
  /**
   * Equation 1: 1 if x >= 0, else -1. The gradient passes if |x| <= 1, equation 4. The paper also clips weights to [-1,1] after each step;
   * this is omitted, because the gradient is 0 outside. Unsigned: 1 if x >= 1/2, else 0, and the gradient passes in [0,1].
   */
  create: ({ signed }, { tf }): Quantizer => ({
    granularity: 'tensor',
    fakeQuantize: (x) => binarize(tf, x, signed),
    surrogate: (x) => clamp(tf, x, signed ? -1 : 0, 1),
    codes: (x) => ({
      codes: positive(tf, x, signed),
      scale: tf.scalar(signed ? 2 : 1),
      zeroPoint: tf.scalar(signed ? 0.5 : 0),
    }),
  }),
});

function binarize(tf: Tf, x: Tensor, signed: boolean): Tensor {
  return customGradient(
    tf,
    { x },
    ({ x }) => {
      const code = positive(tf, x, signed);
      return { value: signed ? tf.sub(tf.mul(code, 2), 1) : code, saved: { x } };
    },
    (dy, { x }) => ({ x: tf.mul(dy, within(tf, x, signed ? -1 : 0, 1)) }),
  );
}

/** 1 for the upper level, 0 for the lower one. */
function positive(tf: Tf, x: Tensor, signed: boolean): Tensor {
  return tf.cast(tf.greaterEqual(x, signed ? 0 : 0.5), 'float32');
}
