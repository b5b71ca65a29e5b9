import { definePlugin, type Method } from '@ssql/core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { infoNce } from '../losses/info-nce.js';
import { unitLength } from '../losses/unit-length.js';
import { plainProjector } from './heads.js';

/** Queries are compared with the keys of the same images [N,D] and with older keys [K,D]. */
interface Keys {
  readonly positives: Tensor2D;
  readonly negatives: Tensor2D;
}

/**
 * MoCo v2: a query, the encoder's features of the first view, must identify its key, the momentum encoder's features of the second view,
 * among the keys of earlier steps. On a single device: batch norms use whole batches, and keys are not shuffled.
 */
export const moco = definePlugin({
  kind: 'method',
  name: 'moco',
  title: 'MoCo v2',
  summary:
    'A query identifies the key of its other view, made by a momentum encoder, against a queue of keys (MoCo v2).',
  paper: 'https://arxiv.org/abs/2003.04297',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      dim: { description: "Width of the projector's output.", type: 'integer', minimum: 1, default: 128 },
      hidden: {
        description: "Width of the projector's hidden layer; in the paper it is the width of the backbone's features.",
        type: 'integer',
        minimum: 1,
        default: 2048,
      },
      queue: { description: 'Number of keys in the queue.', type: 'integer', minimum: 1, default: 65536 },
      temperature: {
        description: 'Divisor of the cosines. A lower temperature gives more weight to the nearest keys.',
        type: 'number',
        exclusiveMinimum: 0,
        default: 0.2,
      },
      momentum: {
        description: 'Share of the momentum encoder that a step keeps.',
        type: 'number',
        minimum: 0,
        maximum: 1,
        default: 0.999,
      },
    },
  },
  create: ({ dim, hidden, queue, temperature, momentum }, { tf }): Method<Tensor2D, Keys> => ({
    views: 2,
    projector: plainProjector(hidden, dim),
    heads: {},
    momentum: () => momentum,
    memory: {
      // The oldest key is first. The queue starts with random directions, as in the paper's code.
      queue: {
        shape: [queue, dim],
        initial: (random) => {
          const rows = Array.from({ length: queue }, () => {
            const row = Array.from({ length: dim }, () => random.normal());
            const norm = Math.hypot(...row);
            return row.map((value) => value / norm);
          });
          return Float32Array.from(rows.flat());
        },
      },
    },
    online: (branch, [x1]) => unitLength(tf, branch.encode(x1!)),
    targets: (_, { momentum: encoder, views: [, x2], memory }) => ({
      positives: unitLength(tf, encoder.encode(x2!)),
      negatives: memory['queue'] as Tensor2D,
    }),
    loss: (queries, keys) => infoNce(tf, queries, keys, temperature),
    nextMemory({ positives, negatives }) {
      return { queue: tf.slice(tf.concat([negatives, positives], 0), [positives.shape[0], 0], [queue, dim]) };
    },
    features: (queries) => queries,
  }),
});
