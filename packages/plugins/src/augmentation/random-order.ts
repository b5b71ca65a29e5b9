import { definePlugin, permutation } from '@ssql/core';
import { holdSteps, OF } from './held-steps.js';
import { flag } from './one-of.js';
import { choose, column } from './per-sample.js';

/**
 * Applies all of its augmentations to an image in random order: torchvision's RandomOrder. All images of a batch pass through each
 * augmentation at each position, so that n augmentations cost as much as n x n.
 */
export const randomOrder = definePlugin({
  kind: 'augmentation',
  name: 'random-order',
  summary: 'Applies all of its augmentations, in an order that is drawn anew for each image.',
  paper: 'As torchvision.transforms.RandomOrder.',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['of'],
    properties: { of: OF },
  },
  create: ({ of }, { tf }) => ({
    prepare(input) {
      const held = holdSteps(tf, 'random-order', of, input);
      return {
        output: input,
        draws: of.length + held.draws,
        draw: (random) => [...permutation(of.length, random), ...held.draw(random)],
        describe: (drawn) =>
          drawn
            .slice(0, of.length)
            .map((index) => held.describe(index, drawn, of.length))
            .join(', '),
        apply: (images, drawn) =>
          of.reduce(
            (before, _, position) =>
              of.reduce((result, _, index) => {
                const isNext = flag(tf, column(tf, drawn, position), index);
                return choose(tf, isNext, held.apply(index, before, drawn, of.length), result);
              }, before),
            images,
          ),
      };
    },
  }),
});
