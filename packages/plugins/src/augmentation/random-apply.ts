import { definePlugin } from '@ssql/core';
import { holdSteps, OF } from './held-steps.js';
import { choose, column } from './per-sample.js';

/** Applies all of its augmentations to an image, or none: torchvision's RandomApply. */
export const randomApply = definePlugin({
  kind: 'augmentation',
  name: 'random-apply',
  summary: 'Applies all of its augmentations in order, or none of them.',
  paper: 'As torchvision.transforms.RandomApply.',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['of'],
    properties: {
      of: OF,
      p: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        default: 0.5,
        description: 'Probability that an image is changed.',
      },
    },
  },
  create: ({ of, p }, { tf }) => ({
    prepare(input) {
      const held = holdSteps(tf, 'random-apply', of, input);
      return {
        output: input,
        draws: 1 + held.draws,
        draw: (random) => [random.uniform() < p ? 1 : 0, ...held.draw(random)],
        describe: (drawn) => (drawn[0] === 1 ? of.map((_, index) => held.describe(index, drawn, 1)).join(', ') : 'no'),
        apply(images, drawn) {
          const changed = of.reduce((x, _, index) => held.apply(index, x, drawn, 1), images);
          return choose(tf, column(tf, drawn, 0), changed, images);
        },
      };
    },
  }),
});
