import { definePlugin, type Optimizer, type Tf } from '@ssql/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { CLIP_NORM, clippingNorm } from './clip-norm.js';

/** Layer-wise adaptive rates for large batches, as SimCLR, BYOL and Barlow Twins use them. */
export const lars = definePlugin({
  kind: 'optimizer',
  name: 'lars',
  summary:
    'LARS: momentum with a learning rate for each layer, for large batches. Biases and batch norms neither adapt nor decay.',
  paper: 'https://arxiv.org/abs/1708.03888',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      lr: {
        description:
          'Base learning rate, which the schedule multiplies. BYOL uses 0.2 times a 256th of the batch size.',
        type: 'number',
        minimum: 0,
        default: 0.2,
      },
      momentum: {
        description: 'Factor on the velocity.',
        type: 'number',
        minimum: 0,
        exclusiveMaximum: 1,
        default: 0.9,
      },
      weightDecay: {
        description: 'L2 penalty added to the gradient of weights.',
        type: 'number',
        minimum: 0,
        default: 1e-6,
      },
      trust: {
        description:
          'Trust coefficient: the length of a step at learning rate 1, relative to the length of the weight.',
        type: 'number',
        exclusiveMinimum: 0,
        default: 0.001,
      },
      clipNorm: CLIP_NORM,
    },
  },
  /**
   * d = g + wd p; d = d trust |p| / |d|; v = m v + d; p = p - lr v, as in the official code of Barlow Twins. The factor is 1 if p or d is 0.
   * Parameters of one axis or none (biases, batch norms, what quantizers train) use d = g. The paper's denominator is |g| + wd |p|, and its
   * velocity includes the learning rate.
   */
  create: ({ lr, momentum, weightDecay, trust, clipNorm }, { tf }): Optimizer => ({
    learningRate: lr,
    slots: ['momentum'],
    ...clippingNorm(tf, clipNorm),
    update({ value, gradient, slots: [velocity] }, learningRate) {
      const direction =
        value.rank > 1 ? adapted(tf, value, tf.add(gradient, tf.mul(value, weightDecay)), trust) : gradient;
      const next = tf.add(tf.mul(velocity!, momentum), direction); // `slots` names it
      return { value: tf.sub(value, tf.mul(next, learningRate)), slots: [next] };
    },
  }),
});

function adapted(tf: Tf, value: Tensor, direction: Tensor, trust: number): Tensor {
  const [length, step] = [value, direction].map((tensor) => tf.sqrt(tf.sum(tf.square(tensor)))) as [Tensor, Tensor];
  const both = tf.greater(tf.mul(tf.sign(length), tf.sign(step)), 0);
  const factor = tf.div(tf.mul(length, trust), tf.where(both, step, tf.onesLike(step)));
  return tf.mul(direction, tf.where(both, factor, tf.onesLike(factor)));
}
