import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine/engine.js';
import type { Granularity, Range } from '../kinds/quantizer.js';
import { random } from '../random.js';

/** A tensor with channels on its last axis, and a constant range that contains 0. */
export interface Sample {
  readonly title: string;
  readonly x: Tensor2D;
  readonly range: Range;
}

/** Scales of the channels if each has its own range. */
const SIZES = [0.25, 1, 3];

/** Values [points,3], ascending along each channel, an eighth of the range beyond each end, with and without negative values. */
export function sweeps(tf: Tf, granularity: Granularity, points: number): readonly Sample[] {
  return samples(tf, granularity, points, (row) => row / (points - 1));
}

/** Random values [points,3] over the same intervals. */
export function scattered(tf: Tf, granularity: Granularity, points: number): readonly Sample[] {
  const source = random(1, 'scattered');
  return samples(tf, granularity, points, () => source.uniform());
}

/** Standard normal values of a shape, a function of the name. */
export function normal(tf: Tf, shape: readonly number[], name: string): Tensor {
  const source = random(1, name);
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => source.normal()),
    [...shape],
  );
}

/** Degenerate tensors: constants, zeros, and one whose middle channel is zero. */
export function flat(tf: Tf): readonly { readonly title: string; readonly x: Tensor }[] {
  const shape = [6, 3];
  const constants = [0.7, -0.7, 0, 1e-20].map((value) => ({ title: `constant ${value}`, x: tf.fill(shape, value) }));
  const mixed: Tensor = tf.mul(normal(tf, shape, 'flat'), tf.tensor1d([1, 0, 2]));
  return [...constants, { title: 'a channel of zeros', x: mixed }];
}

function samples(
  tf: Tf,
  granularity: Granularity,
  points: number,
  position: (row: number) => number,
): readonly Sample[] {
  const sizes = granularity === 'channel' ? SIZES : SIZES.map(() => 1);
  return [[-1, 1.7] as const, [0, 1.3] as const].map(([low, high]) => {
    const values = new Float32Array(points * sizes.length);
    for (let row = 0; row < points; row++) {
      sizes.forEach((size, channel) => {
        const reach = 1.25 * (high - low) * position(row) + low - 0.125 * (high - low);
        values[row * sizes.length + channel] = size * reach;
      });
    }
    const ends = (end: number): Tensor =>
      granularity === 'channel' ? tf.tensor1d(sizes.map((size) => size * end)) : tf.scalar(end);
    return {
      title: low < 0 ? 'values of both signs' : 'values without a sign',
      x: tf.tensor2d(values, [points, sizes.length]),
      range: { min: ends(low), max: ends(high) },
    };
  });
}
