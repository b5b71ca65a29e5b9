import { definePlugin, type Random } from '@ssql/core';
import { augmentationImpossible } from './augmentation-impossible.js';
import { rangeOption, readRange } from './range-option.js';
import { warp } from './warping.js';

/** Crop, aspect ratio, rotation and shear in one bilinear warp; pixels outside the image are 0. */
export const randomWarp = definePlugin({
  kind: 'augmentation',
  name: 'random-warp',
  summary: 'Crops, rotates and shears an image in one bilinear warp. Pixels outside the image are black.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      area: rangeOption(
        { type: 'number', exclusiveMinimum: 0, maximum: 1 },
        [0.3, 1],
        "Range of the crop's area, as a share of the image's area.",
      ),
      aspect: rangeOption(
        { type: 'number', exclusiveMinimum: 0 },
        [0.75, 4 / 3],
        "Range of the crop's width / height relative to that of the image, drawn uniformly in the logarithm.",
      ),
      rotation: {
        type: 'number',
        minimum: 0,
        maximum: 180,
        default: 15,
        description: 'The angle is drawn from -rotation to rotation, in degrees.',
      },
      shear: {
        type: 'number',
        minimum: 0,
        default: 0.2,
        description: 'x shifts by -shear to shear pixels for each pixel of y.',
      },
    },
  },
  create(options, { tf }) {
    const area = readRange('random-warp', 'area', options.area);
    const aspect = readRange('random-warp', 'aspect', options.aspect);
    return {
      prepare(input) {
        const [height, width] = input;
        if (height < 2 || width < 2)
          throw augmentationImpossible('random-warp', `images of ${height}x${width}`, 'at least 2x2');
        return {
          output: input,
          draws: 6,
          draw: (random) => drawMap(random, height, width, { ...options, area, aspect }),
          apply: (images, drawn) => warp(tf, images, drawn, 'bilinear'),
        };
      },
    };
  },
});

interface Ranges {
  readonly area: readonly [number, number];
  readonly aspect: readonly [number, number];
  readonly rotation: number;
  readonly shear: number;
}

/** The map of a sample, as `warp` takes it. */
function drawMap(random: Random, height: number, width: number, ranges: Ranges): readonly number[] {
  const area = random.between(...ranges.area);
  const aspect = Math.exp(random.between(Math.log(ranges.aspect[0]), Math.log(ranges.aspect[1])));
  const partWidth = Math.min(1, Math.sqrt(area * aspect));
  const partHeight = Math.min(1, Math.sqrt(area / aspect));
  const centerX = random.between(partWidth / 2, 1 - partWidth / 2) * width - 0.5;
  const centerY = random.between(partHeight / 2, 1 - partHeight / 2) * height - 0.5;
  const angle = (random.between(-ranges.rotation, ranges.rotation) * Math.PI) / 180;
  const shear = random.between(-ranges.shear, ranges.shear);
  const a = Math.cos(angle) * partWidth;
  const b = (shear * Math.cos(angle) - Math.sin(angle)) * partHeight;
  const d = Math.sin(angle) * partWidth;
  const e = (shear * Math.sin(angle) + Math.cos(angle)) * partHeight;
  const middleX = (width - 1) / 2;
  const middleY = (height - 1) / 2;
  return [a, b, centerX - a * middleX - b * middleY, d, e, centerY - d * middleX - e * middleY];
}
