import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Augmentation, ImageShape, Random, Tf } from '@ssql/core';
import { augmentationImpossible } from './augmentation-impossible.js';

/** The option `of`: the augmentations that an augmentation holds. */
export const OF = {
  type: 'array',
  items: { plugin: 'augmentation', examples: ['horizontal-flip'] },
  minItems: 1,
  description: 'Augmentations that keep the shape of images and are not part of evaluation.',
} as const;

/** Augmentations within an augmentation, prepared for its images. */
export interface HeldSteps {
  readonly draws: number;
  /** The random numbers of all of them, also of those that a sample does not use. */
  draw(random: Random): readonly number[];
  /** What one of them does with its random numbers: its position from 1, and what it says. */
  describe(index: number, drawn: readonly number[], first: number): string;
  /** Applies one of them; its random numbers are among `drawn`, which begin at column `first`. */
  apply(index: number, images: Tensor4D, drawn: Tensor2D, first: number): Tensor4D;
}

/** Prepares the augmentations that `holder` holds. @throws SsqlError AUGMENTATION_IMPOSSIBLE */
export function holdSteps(
  tf: Tf,
  holder: string,
  augmentations: readonly Augmentation[],
  input: ImageShape,
): HeldSteps {
  let draws = 0;
  const held = augmentations.map((augmentation, index) => {
    const step = augmentation.prepare(input);
    if (step.output.join() !== input.join())
      throw augmentationImpossible(
        holder,
        `\`of.${index}\` turns images of ${input.join('x')} into ${step.output.join('x')}`,
        'augmentations that keep the shape',
      );
    if (step.evaluation === true)
      throw augmentationImpossible(
        holder,
        `evaluation applies \`of.${index}\` to all images`,
        'augmentations of training only',
      );
    const from = draws;
    draws += step.draws;
    return { step, from };
  });
  return {
    draws,
    draw: (random) => held.flatMap(({ step }) => [...step.draw(random)]),
    describe(index, drawn, first) {
      const { step, from } = held[index]!;
      const numbers = drawn.slice(first + from, first + from + step.draws);
      const text = step.describe?.(numbers) ?? numbers.map((value) => Number(value.toPrecision(3))).join(' ');
      return `#${index + 1} ${text}`.trim();
    },
    apply(index, images, drawn, first) {
      const { step, from } = held[index]!;
      const count = images.shape[0];
      const numbers: Tensor2D =
        step.draws === 0 ? tf.zeros([count, 0]) : tf.slice(drawn, [0, first + from], [count, step.draws]);
      return step.apply(images, numbers);
    },
  };
}
