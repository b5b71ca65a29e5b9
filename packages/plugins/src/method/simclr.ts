import { definePlugin, stopGradient, type Method } from '@ssql/core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { bothSides } from '../losses/both-sides.js';
import { ntXent } from '../losses/nt-xent.js';
import { plainProjector } from './heads.js';

/** Features of the two views. */
type Pair = readonly [Tensor2D, Tensor2D];

/**
 * Views of an image attract each other, all other images of the batch repel them. The paper trains both views; here each is compared with
 * the other one as a constant, at the same value and gradient (`bothSides`), so that wrappers can compare other features with it.
 */
export const simclr = definePlugin({
  kind: 'method',
  name: 'simclr',
  title: 'SimCLR',
  summary: 'Two views of an image attract each other, all other images of the batch repel them (NT-Xent).',
  paper: 'https://arxiv.org/abs/2002.05709',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      dim: { description: "Width of the projector's output.", type: 'integer', minimum: 1, default: 128 },
      hidden: { description: "Width of the projector's hidden layer.", type: 'integer', minimum: 1, default: 2048 },
      temperature: {
        description: 'Divides the cosines: the lower, the more the nearest images count.',
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
