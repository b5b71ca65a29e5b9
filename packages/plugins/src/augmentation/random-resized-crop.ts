import type { Tensor2D } from '@tensorflow/tfjs-core';
import { definePlugin, type Random } from '@ssql/core';
import { augmentationImpossible } from './augmentation-impossible.js';
import { rangeOption, readRange } from './range-option.js';
import { ANTIALIAS, resizing } from './resizing.js';
import { separable } from './separable.js';

const TRIES = 10;

/** Crops a random box and resizes it to a square, bilinear: torchvision's RandomResizedCrop. */
export const randomResizedCrop = definePlugin({
  kind: 'augmentation',
  name: 'random-resized-crop',
  summary: 'Crops a box of random area, aspect ratio and position, and resizes it to a square (bilinear).',
  paper:
    'Szegedy et al., Going Deeper with Convolutions, 2015, section 6; as torchvision.transforms.RandomResizedCrop.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      size: {
        type: 'integer',
        minimum: 1,
        description: "Height and width of the output, in pixels; default: the `size` of its views, or the image's.",
      },
      scale: rangeOption(
        { type: 'number', exclusiveMinimum: 0, maximum: 1 },
        [0.2, 1],
        "Range of the crop's area, as a share of the image's area.",
      ),
      ratio: rangeOption(
        { type: 'number', exclusiveMinimum: 0 },
        [0.75, 4 / 3],
        "Range of the crop's width / height, drawn uniformly in the logarithm.",
      ),
      antialias: ANTIALIAS,
    },
  },
  create(options, { tf }) {
    const { antialias } = options;
    const scale = readRange('random-resized-crop', 'scale', options.scale);
    const ratio = readRange('random-resized-crop', 'ratio', options.ratio);
    return {
      prepare([height, width, channels], viewSize) {
        if (height < 1 || width < 1) {
          throw augmentationImpossible('random-resized-crop', `images of ${height}x${width}`, 'at least one pixel');
        }
        const square = options.size ?? viewSize;
        const [outputHeight, outputWidth] = square === undefined ? [height, width] : [square, square];
        return {
          output: [outputHeight, outputWidth, channels],
          draws: 4,
          draw: (random) => drawBox(random, height, width, scale, ratio),
          drawWithin: (random, imageHeight, imageWidth) => drawBox(random, imageHeight, imageWidth, scale, ratio),
          describe: ([top, left, boxHeight, boxWidth]) => `${boxHeight}x${boxWidth} at ${top}, ${left}`,
          apply(images, drawn) {
            const [top, left, boxHeight, boxWidth] = tf.split(drawn, 4, 1) as [Tensor2D, Tensor2D, Tensor2D, Tensor2D]; // four of [N,1]
            return separable(
              tf,
              images,
              resizing(tf, top, boxHeight, height, outputHeight, antialias),
              resizing(tf, left, boxWidth, width, outputWidth, antialias),
            );
          },
        };
      },
    };
  },
});

type Bounds = readonly [low: number, high: number];

/** [top, left, height, width] of the crop, in pixels. */
function drawBox(random: Random, height: number, width: number, scale: Bounds, ratio: Bounds): readonly number[] {
  for (let i = 0; i < TRIES; i++) {
    const area = height * width * random.between(...scale);
    const aspect = Math.exp(random.between(Math.log(ratio[0]), Math.log(ratio[1])));
    const boxWidth = Math.round(Math.sqrt(area * aspect));
    const boxHeight = Math.round(Math.sqrt(area / aspect));
    if (boxWidth > 0 && boxWidth <= width && boxHeight > 0 && boxHeight <= height) {
      const top = random.integer(height - boxHeight + 1);
      const left = random.integer(width - boxWidth + 1);
      return [top, left, boxHeight, boxWidth];
    }
  }
  const aspect = Math.min(Math.max(width / height, ratio[0]), ratio[1]);
  const boxWidth = Math.min(width, Math.max(1, Math.round(height * aspect)));
  const boxHeight = Math.min(height, Math.max(1, Math.round(width / aspect)));
  return [Math.floor((height - boxHeight) / 2), Math.floor((width - boxWidth) / 2), boxHeight, boxWidth];
}
