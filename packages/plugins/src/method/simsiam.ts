import { definePlugin, stopGradient, type Method } from '@ssql/core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { negativeCosine } from '../losses/negative-cosine.js';
import { normalizedProjector, predictor } from './heads.js';

type Pair = readonly [Tensor2D, Tensor2D];

/** Features z and predictions p of the two views. */
interface Online {
  readonly z: Pair;
  readonly p: Pair;
}

/** Two views of an image predict each other's features; targets have no gradient. */
export const simsiam = definePlugin({
  kind: 'method',
  name: 'simsiam',
  title: 'SimSiam',
  summary: "Two views predict each other's features through a predictor; targets have no gradient.",
  paper: 'https://arxiv.org/abs/2011.10566',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      dim: {
        description: 'Width of all projector layers, including the output.',
        type: 'integer',
        minimum: 1,
        default: 2048,
      },
      predictorHidden: {
        description: "Width of the predictor's hidden layer.",
        type: 'integer',
        minimum: 1,
        default: 512,
      },
      predictorLr: {
        description: "Factor on the predictor's learning rate.",
        type: 'number',
        exclusiveMinimum: 0,
        default: 1,
      },
    },
  },
  create: ({ dim, predictorHidden, predictorLr }, { tf }): Method<Online, Pair> => ({
    views: 2,
    projector: normalizedProjector({ layers: 3, hidden: dim, dim, lastNorm: true }),
    heads: { predictor: predictor(predictorHidden, dim) },
    learningRates: { predictor: predictorLr },
    online(branch, [x1, x2]) {
      const z1 = branch.encode(x1!);
      const z2 = branch.encode(x2!);
      const p1 = branch.head('predictor', z1);
      const p2 = branch.head('predictor', z2);
      return { z: [z1, z2], p: [p1, p2] };
    },
    targets: ({ z: [z1, z2] }) => [stopGradient(z2), stopGradient(z1)],
    loss({ p: [p1, p2] }, [target1, target2]) {
      return tf.div(tf.add(negativeCosine(tf, p1, target1), negativeCosine(tf, p2, target2)), 2);
    },
    features: ({ z }) => z[0],
  }),
});
