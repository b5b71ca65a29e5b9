import type { Tensor4D } from '@tensorflow/tfjs-core';
import { definePlugin } from '@ssql/core';
import { choose, column } from './per-sample.js';

/** Inverts the values of an image at or above a threshold: torchvision's RandomSolarize. */
export const solarize = definePlugin({
  kind: 'augmentation',
  name: 'solarize',
  summary: 'Inverts the values of an image at or above a threshold.',
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
        description: 'Values x >= threshold become 1 - x.',
      },
      p: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        default: 0.2,
        description: 'Probability that an image is solarized.',
      },
    },
  },
  create({ threshold, p }, { tf }) {
    return {
      prepare: (input) => ({
        output: input,
        draws: 1,
        draw: (random) => [random.uniform() < p ? 1 : 0],
        describe: ([applied]) => (applied === 1 ? 'yes' : 'no'),
        apply(images, drawn) {
          const bright = tf.cast(tf.greaterEqual(images, threshold) as Tensor4D, 'float32');
          const flags: Tensor4D = tf.mul(bright, column(tf, drawn, 0));
          return choose(tf, flags, tf.sub(1, images), images);
        },
      }),
    };
  },
});
