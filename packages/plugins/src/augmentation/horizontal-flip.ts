import { definePlugin } from '@ssql/core';
import { choose, column } from './per-sample.js';

/** Mirrors images left to right. */
export const horizontalFlip = definePlugin({
  kind: 'augmentation',
  name: 'horizontal-flip',
  summary: 'Mirrors an image left to right.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      p: { type: 'number', minimum: 0, maximum: 1, default: 0.5, description: 'Probability that an image is flipped.' },
    },
  },
  create({ p }, { tf }) {
    return {
      prepare: (input) => ({
        output: input,
        draws: 1,
        draw: (random) => [random.uniform() < p ? 1 : 0],
        describe: ([applied]) => (applied === 1 ? 'yes' : 'no'),
        apply: (images, drawn) => choose(tf, column(tf, drawn, 0), tf.reverse(images, 2), images),
      }),
    };
  },
});
