import { definePlugin, stopGradient, type Method, type Network } from '@ssql/core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { sinkhorn } from '../losses/sinkhorn.js';
import { swappedPrediction } from '../losses/swapped-prediction.js';
import { normalizedProjector, unitOutputs } from './heads.js';

/** Features z of the first view, and scores of all views for the prototypes [N,K]. */
interface Online {
  readonly z: Tensor2D;
  readonly scores: readonly Tensor2D[];
}

/**
 * Codes of the first two views are predicted from every other view. Further views have no codes, as in multi-crop. The prototypes have
 * length 1 before each step, as in the paper's code. Without its queue of features, which small batches need there: use a batch of several
 * images per prototype, or fewer prototypes.
 */
export const swav = definePlugin({
  kind: 'method',
  name: 'swav',
  title: 'SwAV',
  summary:
    'From each view, the assignment of another view to prototypes is predicted; batches use all prototypes equally.',
  paper: 'https://arxiv.org/abs/2006.09882',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      dim: { description: "Width of the projector's output.", type: 'integer', minimum: 1, default: 128 },
      hidden: { description: "Width of the projector's hidden layer.", type: 'integer', minimum: 1, default: 2048 },
      prototypes: { description: 'Number of prototypes (K).', type: 'integer', minimum: 2, default: 3000 },
      temperature: {
        description: 'Divisor of the scores in predictions.',
        type: 'number',
        exclusiveMinimum: 0,
        default: 0.1,
      },
      epsilon: {
        description: 'Divisor of the scores in codes. A higher value makes codes more uniform.',
        type: 'number',
        exclusiveMinimum: 0,
        default: 0.05,
      },
      iterations: {
        description: 'Iterations of the Sinkhorn-Knopp algorithm, which balances the codes.',
        type: 'integer',
        minimum: 1,
        default: 3,
      },
      freezeSteps: {
        description: 'Steps at the start of training in which the prototypes are frozen.',
        type: 'integer',
        minimum: 0,
        default: 313,
      },
    },
  },
  create: (
    { dim, hidden, prototypes, temperature, epsilon, iterations, freezeSteps },
    { tf },
  ): Method<Online, readonly Tensor2D[]> => ({
    views: { global: 2, local: 'any' },
    projector: unitOutputs(normalizedProjector({ layers: 2, hidden, dim, lastNorm: false })),
    heads: { prototypes: prototypeScores(prototypes) },
    frozen: { prototypes: ({ step }) => step < freezeSteps },
    online(branch, views) {
      const features = views.map((view) => branch.encode(view));
      return { z: features[0]!, scores: features.map((z) => branch.head('prototypes', z)) };
    },
    targets: ({ scores }) =>
      scores.slice(0, 2).map((view) => sinkhorn(tf, stopGradient(view), { epsilon, iterations })),
    loss: ({ scores }, codes) =>
      swappedPrediction(
        tf,
        scores.map((view) => tf.div(view, temperature)),
        codes,
      ),
    features: ({ z }) => z,
  }),
});

function prototypeScores(units: number): Network {
  return { forward: (nn, z) => nn.linear(z, '0', { units, bias: false, unitWeights: true }) };
}
