import type { Tensor4D } from '@tensorflow/tfjs-core';
import { definePlugin } from '@ssql/core';
import { column } from './per-sample.js';

/** c x + b, clamped to [0, 1], with random c and b for each sample. Takes any number of channels. */
export const brightnessContrast = definePlugin({
  kind: 'augmentation',
  name: 'brightness-contrast',
  summary:
    'Multiplies an image by a random contrast, adds a random brightness, and clamps to [0, 1]. Takes any number of channels.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      contrast: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        default: 0.4,
        description: 'The factor is drawn from 1 - contrast to 1 + contrast.',
      },
      brightness: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        default: 0.2,
        description: 'The summand is drawn from -brightness to brightness.',
      },
    },
  },
  create({ contrast, brightness }, { tf }) {
    return {
      prepare: (input) => ({
        output: input,
        draws: 2,
        draw: (random) => [random.between(1 - contrast, 1 + contrast), random.between(-brightness, brightness)],
        describe: ([factor = 1, summand = 0]) => `contrast ${factor.toFixed(2)}, brightness ${summand.toFixed(2)}`,
        apply(images, drawn) {
          const changed: Tensor4D = tf.add(tf.mul(images, column(tf, drawn, 0)), column(tf, drawn, 1));
          return tf.clipByValue(changed, 0, 1);
        },
      }),
    };
  },
});
