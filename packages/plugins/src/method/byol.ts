import { definePlugin, type Method } from '@ssql/core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { negativeCosine } from '../losses/negative-cosine.js';
import { normalizedProjector, predictor } from './heads.js';
import { risingMomentum } from './rising-momentum.js';

type Pair = readonly [Tensor2D, Tensor2D];

/** Features z and predictions p of the two views. */
interface Online {
  readonly z: Pair;
  readonly p: Pair;
}

/**
 * Predictions from each view are compared with a momentum encoder's features of the other view. The loss is the mean of the two negative
 * cosines, as in the SSQL paper's code: up to a constant, a quarter of the paper's (2 - 2 cos, summed over both views; equations 2, 3).
 */
export const byol = definePlugin({
  kind: 'method',
  name: 'byol',
  title: 'BYOL',
  summary: "From each view, a predictor predicts a momentum encoder's features of the other view.",
  paper: 'https://arxiv.org/abs/2006.07733',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      dim: { description: "Width of the projector's output.", type: 'integer', minimum: 1, default: 256 },
      hidden: { description: "Width of the projector's hidden layers.", type: 'integer', minimum: 1, default: 4096 },
      layers: {
        description: "Layers of the projector: 2 in the paper, 3 in the SSQL paper's code.",
        type: 'integer',
        minimum: 1,
        default: 2,
      },
      lastNorm: {
        description: 'End the projector with a batch norm without affine part, as the SSQL paper does.',
        type: 'boolean',
        default: false,
      },
      predictorHidden: {
        description: "Width of the predictor's hidden layer.",
        type: 'integer',
        minimum: 1,
        default: 4096,
      },
      predictorLr: {
        description: "Factor on the predictor's learning rate.",
        type: 'number',
        exclusiveMinimum: 0,
        default: 1,
      },
      momentum: {
        description: 'Share of the momentum encoder that a step keeps.',
        type: 'number',
        minimum: 0,
        maximum: 1,
        default: 0.996,
      },
      momentumSchedule: {
        description: 'cosine: the momentum rises to 1 by the end of training. constant: it does not change.',
        enum: ['cosine', 'constant'],
        default: 'cosine',
      },
    },
  },
  create: (
    { dim, hidden, layers, lastNorm, predictorHidden, predictorLr, momentum, momentumSchedule },
    { tf },
  ): Method<Online, Pair> => ({
    views: 2,
    projector: normalizedProjector({ layers, hidden, dim, lastNorm }),
    heads: { predictor: predictor(predictorHidden, dim) },
    learningRates: { predictor: predictorLr },
    momentum: (at) => (momentumSchedule === 'constant' ? momentum : risingMomentum(momentum, at)),
    online(branch, [x1, x2]) {
      const z1 = branch.encode(x1!);
      const z2 = branch.encode(x2!);
      return { z: [z1, z2], p: [branch.head('predictor', z1), branch.head('predictor', z2)] };
    },
    targets(_, { momentum: encoder, views: [x1, x2] }) {
      const z1 = encoder.encode(x1!);
      const z2 = encoder.encode(x2!);
      return [z2, z1];
    },
    loss: ({ p: [p1, p2] }, [target1, target2]) =>
      tf.div(tf.add(negativeCosine(tf, p1, target1), negativeCosine(tf, p2, target2)), 2),
    features: ({ z }) => z[0],
  }),
});
