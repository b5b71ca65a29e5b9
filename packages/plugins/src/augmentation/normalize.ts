import type { Tensor1D, Tensor3D } from '@tensorflow/tfjs-core';
import { definePlugin } from '@ssql/core';
import { augmentationImpossible } from './augmentation-impossible.js';

/** (x - mean) / std for each channel, in training and in evaluation. */
export const normalize = definePlugin({
  kind: 'augmentation',
  name: 'normalize',
  summary: "Subtracts each channel's mean and divides by its standard deviation, in training and in evaluation.",
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['mean', 'std'],
    properties: {
      mean: {
        type: 'array',
        items: { type: 'number' },
        minItems: 1,
        description: 'Mean of each channel, for values in [0, 1].',
      },
      std: {
        type: 'array',
        items: { type: 'number', exclusiveMinimum: 0 },
        minItems: 1,
        description: 'Standard deviation of each channel, for values in [0, 1].',
      },
    },
  },
  create({ mean, std }, { tf }) {
    return {
      prepare(input) {
        if (mean.length !== input[2] || std.length !== input[2]) {
          const problem = `${mean.length} means and ${std.length} standard deviations for images with ${input[2]} channels`;
          throw augmentationImpossible('normalize', problem, 'one mean and one standard deviation for each channel');
        }
        return {
          output: input,
          draws: 0,
          draw: () => [],
          apply(images) {
            // A row holds the values of all its pixels: much faster than a last axis of a few channels.
            const [count, height, width, channels] = images.shape;
            const row = (values: readonly number[]): Tensor1D => tf.tile(tf.tensor1d([...values]), [width]);
            const rows: Tensor3D = tf.reshape(images, [count, height, width * channels]);
            return tf.reshape(tf.div(tf.sub(rows, row(mean)), row(std)), images.shape);
          },
          evaluation: true,
        };
      },
    };
  },
});
