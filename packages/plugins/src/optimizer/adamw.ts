import { definePlugin, type Optimizer } from '@ssql/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { CLIP_NORM, clippingNorm } from './clip-norm.js';

/** Adam with decoupled weight decay, as PyTorch computes it. */
export const adamw = definePlugin({
  kind: 'optimizer',
  name: 'adamw',
  summary: 'Adam with decoupled weight decay, as in PyTorch.',
  paper: 'https://arxiv.org/abs/1711.05101',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      lr: {
        description: 'Base learning rate, which the schedule multiplies.',
        type: 'number',
        minimum: 0,
        default: 0.001,
      },
      beta1: {
        description: 'Share of the mean of gradients that a step keeps.',
        type: 'number',
        minimum: 0,
        exclusiveMaximum: 1,
        default: 0.9,
      },
      beta2: {
        description: 'Share of the mean of squared gradients that a step keeps.',
        type: 'number',
        minimum: 0,
        exclusiveMaximum: 1,
        default: 0.999,
      },
      epsilon: {
        description: 'Added to the root of the mean of squared gradients.',
        type: 'number',
        exclusiveMinimum: 0,
        default: 1e-8,
      },
      weightDecay: {
        description: 'Share of a parameter that a step at learning rate 1 removes.',
        type: 'number',
        minimum: 0,
        default: 0.01,
      },
      decayVectors: {
        description: 'Whether biases, batch norms and other parameters of one axis or none decay too, as in PyTorch.',
        type: 'boolean',
        default: true,
      },
      clipNorm: CLIP_NORM,
    },
  },
  /**
   * p = p - lr wd p; m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; p = p - lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon), where t
   * counts steps from 1: algorithm 2. A parameter that gets no gradient in a step is unchanged; t counts that step too.
   */
  create({ lr, beta1, beta2, epsilon, weightDecay, decayVectors, clipNorm }, { tf }): Optimizer {
    const average = (mean: Tensor, value: Tensor, beta: number): Tensor =>
      tf.add(tf.mul(mean, beta), tf.mul(value, 1 - beta));
    return {
      learningRate: lr,
      slots: ['mean', 'square'],
      ...clippingNorm(tf, clipNorm),
      update({ value, gradient, slots: [mean, square] }, learningRate, step) {
        const t = tf.add(step, 1);
        // 1 - beta^t, exact for a beta near 1.
        const correction = (beta: number): Tensor => tf.neg(tf.expm1(tf.mul(t, Math.log(beta))));
        const nextMean = average(mean!, gradient, beta1); // `slots` names both
        const nextSquare = average(square!, tf.square(gradient), beta2);
        const decays = weightDecay !== 0 && (decayVectors || value.rank > 1);
        const decayed = decays ? tf.sub(value, tf.mul(value, tf.mul(learningRate, weightDecay))) : value;
        const root = tf.add(tf.sqrt(tf.div(nextSquare, correction(beta2))), epsilon);
        const direction = tf.div(tf.div(nextMean, correction(beta1)), root);
        return { value: tf.sub(decayed, tf.mul(direction, learningRate)), slots: [nextMean, nextSquare] };
      },
    };
  },
});
