import type { Tensor4D } from '@tensorflow/tfjs-core';
import { definePlugin, type Tf } from '@ssql/core';
import { augmentationImpossible } from './augmentation-impossible.js';
import { holdSteps, OF } from './held-steps.js';
import { choose, column } from './per-sample.js';

/** Applies one of its augmentations to an image: torchvision's RandomChoice. */
export const oneOf = definePlugin({
  kind: 'augmentation',
  name: 'one-of',
  summary: 'Applies one of its augmentations, chosen anew for each image.',
  paper: 'As torchvision.transforms.RandomChoice.',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['of'],
    properties: {
      of: OF,
      weights: {
        type: 'array',
        items: { type: 'number', minimum: 0 },
        minItems: 1,
        description: 'Relative probability of each augmentation; default: all equal.',
      },
    },
  },
  check({ of, weights }) {
    if (weights !== undefined) sumOf(weights, of.length);
  },
  create({ of, weights = of.map(() => 1) }, { tf }) {
    const sum = sumOf(weights, of.length);
    return {
      prepare(input) {
        const held = holdSteps(tf, 'one-of', of, input);
        return {
          output: input,
          draws: 1 + held.draws,
          draw: (random) => [chosen(weights, sum * random.uniform()), ...held.draw(random)],
          describe: (drawn) => held.describe(drawn[0]!, drawn, 1),
          apply: (images, drawn) =>
            of.reduce<Tensor4D>(
              (result, _, index) =>
                choose(tf, flag(tf, column(tf, drawn, 0), index), held.apply(index, images, drawn, 1), result),
              images,
            ),
        };
      },
    };
  },
});

/** The sum of the weights of some augmentations. @throws SsqlError AUGMENTATION_IMPOSSIBLE */
function sumOf(weights: readonly number[], count: number): number {
  if (weights.length !== count)
    throw augmentationImpossible('one-of', `${weights.length} weights of ${count} augmentations`, 'one for each');
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (sum === 0) throw augmentationImpossible('one-of', 'all weights are 0', 'one weight above 0');
  return sum;
}

/** The index whose share of the sum of weights holds a point. */
function chosen(weights: readonly number[], point: number): number {
  let before = 0;
  const index = weights.findIndex((weight) => point < (before += weight));
  // Rounding can leave the point beyond the sum.
  return index < 0 ? weights.findLastIndex((weight) => weight > 0) : index;
}

/** 1 where a column of indexes holds this one, otherwise 0. */
export function flag(tf: Tf, indexes: Tensor4D, index: number): Tensor4D {
  return tf.cast(tf.equal(indexes, index) as Tensor4D, 'float32');
}
