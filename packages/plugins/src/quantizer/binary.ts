import { definePlugin, type Quantizer, type Tf } from '@ssql/core';
import type { GradSaveFunc, Tensor } from '@tensorflow/tfjs-core';
import { clamp, within } from './grid.js';

/** Two levels, whatever the bit width. */
export const binary = definePlugin({
  kind: 'quantizer',
  name: 'binary',
  summary: 'Binarized neural networks: the sign, -1 or 1, at every bit width.',
  paper: 'https://arxiv.org/abs/1602.02830',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      signed: {
        description: '-1 or 1; otherwise 0 or 1, for outputs of a ReLU, which are never negative.',
        type: 'boolean',
        default: true,
      },
      official: {
        description:
          'As the official code: the sign of 0 is 0, a third level, and the gradient passes large values too.',
        type: 'boolean',
        default: false,
      },
    },
  },
  /**
   * Equation 1: 1 where x >= 0, else -1. The gradient passes where |x| <= 1, equation 4; the paper's clipping of weights to [-1,1] after each
   * step is left out, for beyond it the gradient is 0 anyway. Without a sign: 1 where x >= 1/2, else 0, and the gradient passes in [0,1].
   */
  create: ({ signed, official }, { tf }): Quantizer => ({
    granularity: 'tensor',
    fakeQuantize: (x) => binarize(tf, x, { signed, official }),
    surrogate: (x) => (official ? tf.clone(x) : clamp(tf, x, signed ? -1 : 0, 1)),
  }),
});

function binarize(
  tf: Tf,
  x: Tensor,
  { signed, official }: { readonly signed: boolean; readonly official: boolean },
): Tensor {
  const sign = (x: Tensor): Tensor => {
    if (official && signed) return tf.sign(x);
    const one = tf.cast(tf.greaterEqual(x, signed ? 0 : 0.5), 'float32');
    return signed ? tf.sub(tf.mul(one, 2), 1) : one;
  };
  const operation = tf.customGrad((...inputs) => {
    // tfjs types the arguments of a custom gradient as a mixed list: the tensor, then `save`.
    const [x, save] = inputs as [Tensor, GradSaveFunc];
    save([x]);
    return {
      value: sign(x),
      gradFunc: (dy: Tensor, saved: Tensor[]) =>
        official ? dy : tf.mul(dy, within(tf, saved[0]!, signed ? -1 : 0, 1)),
    };
  });
  return operation(x);
}
