import { definePlugin, stopGradient, type Method } from '@ssql/core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { bothSides } from '../losses/both-sides.js';
import { redundancyReduction } from '../losses/redundancy-reduction.js';
import { normalizedProjector } from './heads.js';

/** Embeddings of the two views. */
type Pair = readonly [Tensor2D, Tensor2D];

/**
 * Drives the correlations between the embeddings of two views towards the identity. The paper trains both views. Here each view is compared
 * with the other as a constant, with the same value and gradient (`bothSides`), so that wrappers can compare other embeddings with it.
 */
export const barlowTwins = definePlugin({
  kind: 'method',
  name: 'barlow-twins',
  title: 'Barlow Twins',
  summary:
    'Each variable of the embedding should correlate with itself across the two views, and with no other variable.',
  paper: 'https://arxiv.org/abs/2103.03230',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      dim: {
        description: 'Width of the three layers of the projector and of its output.',
        type: 'integer',
        minimum: 1,
        default: 8192,
      },
      redundancy: {
        description: 'Weight of the correlations between different variables (lambda).',
        type: 'number',
        minimum: 0,
        default: 0.005,
      },
    },
  },
  create: ({ dim, redundancy }, { tf }): Method<Pair, Pair> => ({
    views: 2,
    projector: normalizedProjector({ layers: 3, hidden: dim, dim, lastNorm: false }),
    heads: {},
    online: (branch, [x1, x2]) => [branch.encode(x1!), branch.encode(x2!)],
    targets: ([z1, z2]) => [stopGradient(z1), stopGradient(z2)],
    loss: (online, targets) => bothSides(tf, (z1, z2) => redundancyReduction(tf, z1, z2, redundancy), online, targets),
    features: ([z1]) => z1,
  }),
});
