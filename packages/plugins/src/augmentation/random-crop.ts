import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { definePlugin, type Tf } from '@ssql/core';
import { augmentationImpossible } from './augmentation-impossible.js';
import { separable } from './separable.js';
import { OPERANDS } from './side-option.js';

const BORDERS = ['zero', 'edge', 'reflect', 'symmetric'] as const;
type Border = (typeof BORDERS)[number];

/**
 * Cuts a box of fixed size at a random place of an image with a border: torchvision's RandomCrop. Values are copied, so nothing is rounded,
 * as with torchvision on PIL images and on tensors.
 */
export const randomCrop = definePlugin({
  kind: 'augmentation',
  name: 'random-crop',
  summary: 'Adds a border to an image and cuts a box of fixed size at a random place.',
  paper: 'As torchvision.transforms.RandomCrop.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      size: {
        ...OPERANDS,
        description:
          "[height, width] of the box, in pixels. A single number is both; default: the `size` of its views, or the image's.",
      },
      padding: {
        type: 'integer',
        minimum: 0,
        default: 4,
        description: 'Width of the border on each side, in pixels; the default is the usual one for images of 32x32.',
      },
      border: {
        enum: BORDERS,
        default: 'zero',
        description:
          'Values of the border. zero: black. edge: the nearest pixel. reflect: mirrored about the centres of the edge pixels. symmetric: mirrored about the edges, so that edge pixels come twice.',
      },
    },
  },
  create({ size, padding, border }, { tf }) {
    return {
      prepare([height, width, channels], viewSize) {
        const sides = size ?? viewSize ?? [height, width];
        const [boxHeight, boxWidth] = typeof sides === 'number' ? [sides, sides] : sides;
        const [rows, columns] = [height + 2 * padding, width + 2 * padding];
        const images = `images of ${height}x${width} with a border of ${padding}`;
        if (boxHeight > rows || boxWidth > columns)
          throw augmentationImpossible(
            'random-crop',
            `boxes of ${boxHeight}x${boxWidth} in ${images}`,
            'smaller boxes',
          );
        if (padding > widest(border, Math.min(height, width)))
          throw augmentationImpossible('random-crop', images, 'a border narrower than the images, or `border: zero`');
        return {
          output: [boxHeight, boxWidth, channels],
          draws: 2,
          draw: (random) => [random.integer(rows - boxHeight + 1), random.integer(columns - boxWidth + 1)],
          apply(images, drawn) {
            const [top, left] = tf.split(tf.sub(drawn, padding), 2, 1) as [Tensor2D, Tensor2D]; // two of [N,1]
            const down = cutting(tf, top, height, boxHeight, border);
            return separable(tf, images, down, cutting(tf, left, width, boxWidth, border));
          },
        };
      },
    };
  },
});

/** The widest border that images can be mirrored into. */
function widest(border: Border, shorter: number): number {
  return border === 'reflect' ? shorter - 1 : border === 'symmetric' ? shorter : Infinity;
}

/** Matrices [N,to,from] that copy `to` pixels from `start` [N,1] on, which may lie outside the `from` pixels of an image. */
function cutting(tf: Tf, start: Tensor2D, from: number, to: number, border: Border): Tensor3D {
  const positions: Tensor3D = tf.reshape(tf.add(start, tf.range(0, to, 1)), [-1, to, 1]);
  const inputs = tf.range(0, from, 1);
  return tf.cast(tf.equal(inside(tf, positions, from, border), inputs) as Tensor3D, 'float32');
}

/** The pixel that a position shows, whole numbers; a position outside stays there at a border of zeros. */
function inside(tf: Tf, positions: Tensor3D, length: number, border: Border): Tensor3D {
  if (border === 'zero') return positions;
  if (border === 'edge') return tf.clipByValue(positions, 0, length - 1);
  // Mirrored about the first edge, then about the last.
  const edge = border === 'reflect' ? 0 : 0.5;
  const mirrored = tf.sub(tf.abs(tf.add(positions, edge)), edge);
  const end = length - 1 + edge;
  return tf.sub(end, tf.abs(tf.sub(mirrored, end)));
}
