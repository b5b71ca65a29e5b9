import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { definePlugin, type Random, type Tf } from '@ssql/core';
import { augmentationImpossible } from './augmentation-impossible.js';
import { rangeOption, readRange } from './range-option.js';

/**
 * Crop, aspect ratio, rotation and shear in one bilinear warp; pixels outside the image are 0.
 * It uses `gatherND`: tfjs-node has no kernel for `tf.image.transform`, and its `gather` cannot be traced.
 */
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
          apply: (images, drawn) => warp(tf, images, drawn),
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

/** [a, b, c, d, e, f]: the output pixel (x, y) is the input at (a x + b y + c, d x + e y + f). */
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

/** Bilinear sampling: each output pixel gathers the four input pixels around its point at once. */
function warp(tf: Tf, images: Tensor4D, maps: Tensor2D): Tensor4D {
  const [count, height, width, channels] = images.shape;
  const [a, b, c, d, e, f] = tf.split(tf.reshape(maps, [count, 6, 1]), 6, 1) as Tensor3D[] as Six; // six of [N,1,1]
  const x: Tensor3D = tf.reshape(tf.range(0, width, 1), [1, 1, width]);
  const y: Tensor3D = tf.reshape(tf.range(0, height, 1), [1, height, 1]);
  const across = axis(tf, tf.add(tf.add(tf.mul(a, x), tf.mul(b, y)), c), width);
  const down = axis(tf, tf.add(tf.add(tf.mul(d, x), tf.mul(e, y)), f), height);
  // Pad two rows and columns of 0 on each side: points outside the image are clamped into them and read only zeros.
  const padded = tf.pad(images, [
    [0, 0],
    [2, 2],
    [2, 2],
    [0, 0],
  ]);
  const cut = (top: number, left: number): Tensor4D =>
    tf.slice(padded, [0, top, left, 0], [count, height + 3, width + 3, channels]);
  const quads = tf.concat([cut(0, 0), cut(0, 1), cut(1, 0), cut(1, 1)], 3);
  const sample: Tensor3D = tf.reshape(tf.range(0, count, 1, 'int32'), [count, 1, 1]);
  const row = tf.add(tf.mul(sample, tf.scalar(height + 3, 'int32')), down.cell);
  const cells = tf.reshape(tf.add(tf.mul(row, tf.scalar(width + 3, 'int32')), across.cell), [
    count * height * width,
    1,
  ]);
  const gathered = tf.gatherND(
    tf.reshape(quads, [count * (height + 3) * (width + 3), 4 * channels]),
    cells as Tensor2D,
  );
  const corners = tf.split(tf.reshape(gathered, [count, height, width, 4 * channels]), 4, 3) as Tensor4D[] as Four; // four of [N,H,W,C]
  const right: Tensor4D = tf.reshape(across.fraction, [count, height, width, 1]);
  const below: Tensor4D = tf.reshape(down.fraction, [count, height, width, 1]);
  const between = (first: Tensor4D, second: Tensor4D, share: Tensor4D): Tensor4D =>
    tf.add(tf.mul(first, tf.sub(1, share)), tf.mul(second, share));
  return between(between(corners[0], corners[1], right), between(corners[2], corners[3], right), below);
}

type Six = [Tensor3D, Tensor3D, Tensor3D, Tensor3D, Tensor3D, Tensor3D];
type Four = [Tensor4D, Tensor4D, Tensor4D, Tensor4D];

/** Splits positions on an axis of `length` pixels into a cell of the padded axis (int32) and the fraction within it. */
function axis(tf: Tf, positions: Tensor3D, length: number): { readonly cell: Tensor3D; readonly fraction: Tensor3D } {
  const whole = tf.floor(positions);
  const cell: Tensor3D = tf.add(tf.clipByValue(whole, -2, length), 2);
  return { cell: tf.cast(cell, 'int32'), fraction: tf.sub(positions, whole) };
}
