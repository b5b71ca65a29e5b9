import { definePlugin, type Augmentation, type Tf } from '@ssql/core';
import { augmentationImpossible } from './augmentation-impossible.js';
import { OPERANDS } from './side-option.js';

/** Crops the center of images, in training and in evaluation: torchvision's CenterCrop. */
export const centerCrop = definePlugin({
  kind: 'augmentation',
  name: 'center-crop',
  summary: 'Crops the center of an image, in training and in evaluation. A smaller image gets a black border first.',
  paper: 'As torchvision.transforms.CenterCrop.',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['size'],
    properties: {
      size: {
        ...OPERANDS,
        description: '[height, width] of the output, in pixels. A single number is both.',
      },
    },
  },
  create: ({ size }, { tf }) => cropCenter(tf, typeof size === 'number' ? [size, size] : size),
});

/** Crops the center of images, also in evaluation. */
export function cropCenter(tf: Tf, [height, width]: readonly [height: number, width: number]): Augmentation {
  return {
    prepare([from, across, channels]) {
      if (from < 1 || across < 1)
        throw augmentationImpossible('center-crop', `images of ${from}x${across}`, 'at least one pixel');
      return {
        output: [height, width, channels],
        draws: 0,
        draw: () => [],
        apply(images) {
          // The size of these images, not of `prepare`'s: evaluation may skip the augmentations before this one.
          const [count, from, across] = images.shape;
          const [above, below] = border(from, height);
          const [left, right] = border(across, width);
          const padded = tf.pad(images, [[0, 0], [above, below], [left, right], [0, 0]]); // prettier-ignore
          const [, paddedHeight, paddedWidth] = padded.shape;
          const first = [0, middle(paddedHeight - height), middle(paddedWidth - width), 0];
          return tf.slice(padded, first, [count, height, width, channels]);
        },
        evaluation: true,
      };
    },
  };
}

/** Black pixels before and after a side that is too short. */
function border(from: number, to: number): readonly [before: number, after: number] {
  const missing = Math.max(0, to - from);
  return [Math.floor(missing / 2), Math.ceil(missing / 2)];
}

/** Half of a difference, rounded half to even as in torchvision. */
function middle(difference: number): number {
  const floor = Math.floor(difference / 2);
  return difference % 2 === 0 ? floor : floor + (floor % 2);
}
