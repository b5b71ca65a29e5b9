import { definePlugin } from '@ssql/core';
import { inverseAffine } from './inverse-affine.js';
import { rangeOption, readRange } from './range-option.js';
import { INTERPOLATIONS, warp } from './warping.js';

/** Degrees at and beyond which a shear is no map: its tangent is infinite. */
const UPRIGHT = 90;
const SHEAR = { type: 'number', exclusiveMinimum: -UPRIGHT, exclusiveMaximum: UPRIGHT } as const;

/**
 * Rotates, moves, scales and shears an image about its center: torchvision's RandomAffine, and its RandomRotation with the other options at
 * their defaults (there, positive degrees turn to the left). Values stay as exact as floats; torchvision's on PIL and uint8 images
 * rounds interpolated values to whole 255ths. Where `bilinear` mixes a pixel at the border of the image with the black outside, torchvision
 * with `fill` darkens it once more; without `fill` the images are equal.
 */
export const randomAffine = definePlugin({
  kind: 'augmentation',
  name: 'random-affine',
  summary: 'Rotates, moves, scales and shears an image about its center. Pixels outside the image are black.',
  paper: 'As torchvision.transforms.RandomAffine and RandomRotation.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      degrees: rangeOption({ type: 'number' }, [-10, 10], 'Range of the angle; positive angles turn clockwise.'),
      translate: {
        type: 'array',
        items: { type: 'number', minimum: 0, maximum: 1 },
        minItems: 2,
        maxItems: 2,
        default: [0, 0],
        description: 'The largest shift across and down, to either side, as a share of the width and of the height.',
      },
      scale: rangeOption({ type: 'number', exclusiveMinimum: 0 }, [1, 1], 'Range of the factor of its size.'),
      shearX: rangeOption(SHEAR, [0, 0], 'Range of the shear across, in degrees.'),
      shearY: rangeOption(SHEAR, [0, 0], 'Range of the shear down, in degrees.'),
      interpolation: {
        enum: INTERPOLATIONS,
        default: 'nearest',
        description: 'nearest: values of pixels are copied. bilinear: values are averages of four pixels.',
      },
    },
  },
  create(options, { tf }) {
    const read = (option: 'degrees' | 'scale' | 'shearX' | 'shearY') =>
      readRange('random-affine', option, options[option]);
    const [degrees, scale, shearX, shearY] = [read('degrees'), read('scale'), read('shearX'), read('shearY')];
    const [across, down] = options.translate as readonly [number, number]; // the schema asks for two
    return {
      prepare(input) {
        const [height, width] = input;
        return {
          output: input,
          draws: 6,
          draw: (random) =>
            inverseAffine({
              angle: random.between(...degrees),
              translate: [
                Math.round(random.between(-across * width, across * width)),
                Math.round(random.between(-down * height, down * height)),
              ],
              scale: random.between(...scale),
              shear: [random.between(...shearX), random.between(...shearY)],
              center: [width / 2, height / 2],
            }),
          apply: (images, drawn) => warp(tf, images, drawn, options.interpolation),
        };
      },
    };
  },
});
