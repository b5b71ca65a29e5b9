import { definePlugin } from '@ssql/core';
import { choose, column } from './per-sample.js';

/** Turns images upside down: torchvision's RandomVerticalFlip. Values are copied, so nothing is rounded. */
export const verticalFlip = definePlugin({
  kind: 'augmentation',
  name: 'vertical-flip',
  summary: 'Turns an image upside down, as a mirror below it would.',
  paper: 'As torchvision.transforms.RandomVerticalFlip.',
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
        apply: (images, drawn) => choose(tf, column(tf, drawn, 0), tf.reverse(images, 1), images),
      }),
    };
  },
});
