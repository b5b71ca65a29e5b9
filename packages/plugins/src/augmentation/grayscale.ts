import { definePlugin } from '@ssql/core';
import { augmentationImpossible } from './augmentation-impossible.js';
import { luma } from './luma.js';
import { choose, column } from './per-sample.js';

/** Makes images gray and keeps three channels: torchvision's RandomGrayscale. */
export const grayscale = definePlugin({
  kind: 'augmentation',
  name: 'grayscale',
  summary: 'Makes an RGB image gray and keeps its three channels.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      p: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        default: 0.2,
        description: 'Probability that an image becomes gray.',
      },
    },
  },
  create({ p }, { tf }) {
    return {
      prepare(input) {
        if (input[2] !== 3) throw augmentationImpossible('grayscale', `images with ${input[2]} channels`, '3 channels');
        return {
          output: input,
          draws: 1,
          draw: (random) => [random.uniform() < p ? 1 : 0],
          describe: ([applied]) => (applied === 1 ? 'yes' : 'no'),
          apply: (images, drawn) => choose(tf, column(tf, drawn, 0), luma(tf, images), images),
        };
      },
    };
  },
});
