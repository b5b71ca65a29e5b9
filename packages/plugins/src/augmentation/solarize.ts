import type { Tensor4D } from '@tensorflow/tfjs-core';
import { definePlugin } from '@ssql/core';
import { choose, column } from './per-sample.js';

/** Inverts the bright values of an image, those from a threshold on: torchvision's RandomSolarize. */
export const solarize = definePlugin({
  kind: 'augmentation',
  name: 'solarize',
  summary: 'Inverts the bright values of an image, those from a threshold on.',
  paper: 'Grill et al., Bootstrap Your Own Latent, 2020, appendix B; as torchvision.transforms.RandomSolarize.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      threshold: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        default: 0.5,
        description: 'The least value x that becomes 1 - x.',
      },
      p: { type: 'number', minimum: 0, maximum: 1, default: 0.2, description: 'Probability of a solarized image.' },
    },
  },
  create({ threshold, p }, { tf }) {
    return {
      prepare: (input) => ({
        output: input,
        draws: 1,
        draw: (random) => [random.uniform() < p ? 1 : 0],
        apply(images, drawn) {
          const bright = tf.cast(tf.greaterEqual(images, threshold) as Tensor4D, 'float32');
          const flags: Tensor4D = tf.mul(bright, column(tf, drawn, 0));
          return choose(tf, flags, tf.sub(1, images), images);
        },
      }),
    };
  },
});
