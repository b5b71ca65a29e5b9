import type { Tensor2D } from '@tensorflow/tfjs-core';
import { definePlugin } from '@ssql/core';
import { augmentationImpossible } from './augmentation-impossible.js';
import { choose, parameter } from './per-sample.js';
import { fromPlanes, luma, toPlanes } from './planes.js';

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
          apply(images, drawn) {
            const planes = toPlanes(tf, images);
            const gray = luma(tf, planes);
            const flags = parameter(tf, drawn, 0);
            const [red, green, blue] = planes;
            const grayOr = (plane: Tensor2D): Tensor2D => choose(tf, flags, gray, plane);
            return fromPlanes(tf, [grayOr(red), grayOr(green), grayOr(blue)], images.shape);
          },
        };
      },
    };
  },
});
