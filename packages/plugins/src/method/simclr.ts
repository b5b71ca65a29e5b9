import { definePlugin, stopGradient, type Method } from '@ssql/core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { bothSides } from '../losses/both-sides.js';
import { ntXent } from '../losses/nt-xent.js';
import { plainProjector } from './heads.js';

/** Features of the two views. */
type Pair = readonly [Tensor2D, Tensor2D];

/**
 * Views of an image attract each other and are repelled by all other images of the batch. The paper trains both views. Here each view is
 * compared with the other as a constant, with the same value and gradient (`bothSides`), so that wrappers can compare other features.
 */
export const simclr = definePlugin({
  kind: 'method',
  name: 'simclr',
  title: 'SimCLR',
  summary: 'Two views of an image attract each other and repel all other images of the batch (NT-Xent).',
  paper: 'https://arxiv.org/abs/2002.05709',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      dim: { description: "Width of the projector's output.", type: 'integer', minimum: 1, default: 128 },
      hidden: { description: "Width of the projector's hidden layer.", type: 'integer', minimum: 1, default: 2048 },
      temperature: {
        description: 'Divisor of the cosines. A lower temperature gives more weight to the nearest images.',
        type: 'number',
        exclusiveMinimum: 0,
        default: 0.5,
      },
    },
  },
  create: ({ dim, hidden, temperature }, { tf }): Method<Pair, Pair> => ({
    views: 2,
    projector: plainProjector(hidden, dim),
    heads: {},
    online: (branch, [x1, x2]) => [branch.encode(x1!), branch.encode(x2!)],
    targets: ([z1, z2]) => [stopGradient(z1), stopGradient(z2)],
    loss: (online, targets) => bothSides(tf, (z1, z2) => ntXent(tf, z1, z2, temperature), online, targets),
    features: ([z1]) => z1,
  }),
});
