import type { Tensor2D } from '@tensorflow/tfjs-core';
import { definePlugin, type Augmentation, type Tf } from '@ssql/core';
import { augmentationImpossible } from './augmentation-impossible.js';
import { ANTIALIAS, resizing } from './resizing.js';
import { separable } from './separable.js';
import { OPERANDS } from './side-option.js';

/** Resizes whole images, bilinear, in training and in evaluation: torchvision's Resize. */
export const resize = definePlugin({
  kind: 'augmentation',
  name: 'resize',
  summary: 'Resizes a whole image (bilinear), in training and in evaluation.',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['size'],
    properties: {
      size: {
        ...OPERANDS,
        description:
          '[height, width] of the output, in pixels. A single number is the length of the shorter side; the aspect ratio is kept.',
      },
      antialias: ANTIALIAS,
    },
  },
  create: ({ size, antialias }, { tf }) => resizeImages(tf, size, antialias),
});

type Size = readonly [height: number, width: number];

/** Resizes whole images, also in evaluation. */
export function resizeImages(tf: Tf, size: number | Size, antialias: boolean): Augmentation {
  return {
    prepare([height, width, channels]) {
      if (height < 1 || width < 1)
        throw augmentationImpossible('resize', `images of ${height}x${width}`, 'at least one pixel');
      return {
        output: [...outputSize(size, height, width), channels],
        draws: 0,
        draw: () => [],
        apply(images) {
          // The size of these images, not of `prepare`'s: evaluation may skip the augmentations before this one.
          const [count, from, across] = images.shape;
          const [newHeight, newWidth] = outputSize(size, from, across);
          const matrices = (length: number, to: number) =>
            resizing(tf, tf.zeros([count, 1]), tf.fill([count, 1], length) as Tensor2D, length, to, antialias);
          return separable(tf, images, matrices(from, newHeight), matrices(across, newWidth));
        },
        evaluation: true,
      };
    },
  };
}

function outputSize(size: number | Size, height: number, width: number): Size {
  if (typeof size !== 'number') return size;
  const shorter = Math.min(height, width);
  return [Math.floor((size * height) / shorter), Math.floor((size * width) / shorter)];
}
