import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '@ssql/core';

/** How a point between pixels gets its value. */
export const INTERPOLATIONS = ['nearest', 'bilinear'] as const;
export type Interpolation = (typeof INTERPOLATIONS)[number];

/**
 * Moves the pixels of each image by an affine map, [a, b, c, d, e, f]: the output pixel (x, y) is the input at (a x + b y + c, d x + e y + f).
 * Pixels outside the image are 0. It uses `gatherND`: tfjs-node has no kernel for `tf.image.transform`, and its `gather` cannot be traced.
 */
export function warp(tf: Tf, images: Tensor4D, maps: Tensor2D, interpolation: Interpolation): Tensor4D {
  const [count, height, width] = images.shape;
  const [a, b, c, d, e, f] = tf.split(tf.reshape(maps, [count, 6, 1]), 6, 1) as Tensor3D[] as Six; // six of [N,1,1]
  const x: Tensor3D = tf.reshape(tf.range(0, width, 1), [1, 1, width]);
  const y: Tensor3D = tf.reshape(tf.range(0, height, 1), [1, height, 1]);
  const across: Tensor3D = tf.add(tf.add(tf.mul(a, x), tf.mul(b, y)), c);
  const down: Tensor3D = tf.add(tf.add(tf.mul(d, x), tf.mul(e, y)), f);
  return interpolation === 'nearest' ? nearest(tf, images, across, down) : bilinear(tf, images, across, down);
}

/** The pixel nearest to each point; halfway between two, the even one, as in torchvision. */
function nearest(tf: Tf, images: Tensor4D, across: Tensor3D, down: Tensor3D): Tensor4D {
  const [, height, width] = images.shape;
  // A border of zeros, into which points outside the image are clamped.
  const padded = tf.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]]); // prettier-ignore
  const cell = (positions: Tensor3D, length: number): Tensor3D =>
    tf.cast(tf.add(tf.clipByValue(tf.round(positions), -1, length), 1) as Tensor3D, 'int32');
  return gather(tf, padded, cell(down, height), cell(across, width));
}

/** Gathers the four pixels around each point at once. */
function bilinear(tf: Tf, images: Tensor4D, acrossAt: Tensor3D, downAt: Tensor3D): Tensor4D {
  const [count, height, width, channels] = images.shape;
  const across = axis(tf, acrossAt, width);
  const down = axis(tf, downAt, height);
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
  const corners = tf.split(gather(tf, quads, down.cell, across.cell), 4, 3) as Tensor4D[] as Four; // four of [N,H,W,C]
  const right: Tensor4D = tf.reshape(across.fraction, [count, height, width, 1]);
  const below: Tensor4D = tf.reshape(down.fraction, [count, height, width, 1]);
  const between = (first: Tensor4D, second: Tensor4D, share: Tensor4D): Tensor4D =>
    tf.add(tf.mul(first, tf.sub(1, share)), tf.mul(second, share));
  return between(between(corners[0], corners[1], right), between(corners[2], corners[3], right), below);
}

type Six = [Tensor3D, Tensor3D, Tensor3D, Tensor3D, Tensor3D, Tensor3D];
type Four = [Tensor4D, Tensor4D, Tensor4D, Tensor4D];

/** The values [N,h,w,C] of images [N,H,W,C] at rows and columns [N,h,w], int32. */
function gather(tf: Tf, images: Tensor4D, rows: Tensor3D, columns: Tensor3D): Tensor4D {
  const [count, height, width, channels] = images.shape;
  const sample: Tensor3D = tf.reshape(tf.range(0, count, 1, 'int32'), [count, 1, 1]);
  const row: Tensor3D = tf.add(tf.mul(sample, tf.scalar(height, 'int32')), rows);
  const cells: Tensor3D = tf.add(tf.mul(row, tf.scalar(width, 'int32')), columns);
  const gathered = tf.gatherND(
    tf.reshape(images, [count * height * width, channels]),
    tf.reshape(cells, [cells.size, 1]),
  );
  return tf.reshape(gathered, [...cells.shape, channels]);
}

/** Splits positions on an axis of `length` pixels into a cell of the padded axis (int32) and the fraction within it. */
function axis(tf: Tf, positions: Tensor3D, length: number): { readonly cell: Tensor3D; readonly fraction: Tensor3D } {
  const whole = tf.floor(positions);
  const cell: Tensor3D = tf.add(tf.clipByValue(whole, -2, length), 2);
  return { cell: tf.cast(cell, 'int32'), fraction: tf.sub(positions, whole) };
}
