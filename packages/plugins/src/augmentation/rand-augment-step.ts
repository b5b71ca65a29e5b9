import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '@ssql/core';
import { equalize } from './equalize.js';
import { mix } from './mix.js';
import { choose, column } from './per-sample.js';
import { fromPlanes, toPlanes } from './planes.js';
import { warp } from './warping.js';

/** What an image undergoes in one operation. Whatever is not drawn changes nothing. */
export interface Step {
  /** As `warp` takes it. */
  readonly map: readonly number[];
  /** (a, b, c) as `mix` takes them. */
  readonly mix: readonly [image: number, gray: number, mean: number];
  /** 1: unchanged; 0: blurred. */
  readonly sharpness: number;
  /** Of posterize; 0: unchanged. */
  readonly levels: number;
  /** Values at or above it are inverted. */
  readonly threshold: number;
  readonly autocontrast: number;
  readonly equalize: number;
}

export const UNCHANGED: Step = {
  map: [1, 0, 0, 0, 1, 0],
  mix: [1, 0, 0],
  sharpness: 1,
  levels: 0,
  threshold: 2,
  autocontrast: 0,
  equalize: 0,
};

/** Numbers of a step. */
export const STEP_DRAWS = 14;

/** The numbers of a step, in the order in which `applyStep` reads them. */
export function numbersOf({ map, mix, sharpness, levels, threshold, autocontrast, equalize }: Step): readonly number[] {
  return [...map, ...mix, sharpness, levels, threshold, autocontrast, equalize];
}

/** Applies steps to images [N,H,W,3] in [0, 1]; their numbers are those of [N,P] from column `first` on. */
export function applyStep(tf: Tf, images: Tensor4D, drawn: Tensor2D, first: number): Tensor4D {
  const number = (index: number): Tensor4D => column(tf, drawn, first + index);
  const maps: Tensor2D = tf.slice(drawn, [0, first], [images.shape[0], 6]);
  const moved = warp(tf, images, maps, 'nearest');
  const mixed = fromPlanes(tf, mix(tf, toPlanes(tf, moved), drawn, first + 6), moved.shape);
  const sharpened = sharpen(tf, mixed, number(9));
  const posterized = posterize(tf, sharpened, number(10));
  const isBright: Tensor4D = tf.cast(tf.greaterEqual(posterized, number(11)) as Tensor4D, 'float32');
  const solarized = choose(tf, isBright, tf.sub(1, posterized), posterized);
  const stretched = choose(tf, number(12), autocontrast(tf, solarized), solarized);
  return choose(tf, number(13), equalize(tf, stretched), stretched);
}

/** Moves pixels away from the mean of their 3x3 neighbourhood, with the pixel itself weighted 5. Pixels at the border stay. */
function sharpen(tf: Tf, images: Tensor4D, factors: Tensor4D): Tensor4D {
  const [count, height, width, channels] = images.shape;
  if (height <= 2 || width <= 2) return images;
  const inner = tf.slice(images, [0, 1, 1, 0], [count, height - 2, width - 2, channels]);
  const sums = tf.mul(tf.avgPool(images, 3, 1, 'valid'), 9);
  const blurred = tf.div(tf.add(sums, tf.mul(inner, 4)), 13);
  const change = tf.pad(tf.sub(blurred, inner), [[0, 0], [1, 1], [1, 1], [0, 0]]); // prettier-ignore
  return tf.clipByValue(tf.add(images, tf.mul(change, tf.sub(1, factors))), 0, 1) as Tensor4D;
}

/** Rounds values down to multiples of 1 / levels. */
function posterize(tf: Tf, images: Tensor4D, levels: Tensor4D): Tensor4D {
  const whole = tf.minimum(tf.floor(tf.mul(images, levels)), tf.sub(levels, 1));
  const rounded: Tensor4D = tf.div(whole, tf.maximum(levels, 1));
  return choose(tf, tf.clipByValue(levels, 0, 1), rounded, images);
}

/** Stretches each channel of each image to [0, 1]; a channel of one value stays. */
function autocontrast(tf: Tf, images: Tensor4D): Tensor4D {
  const least: Tensor4D = tf.min(images, [1, 2], true);
  const range: Tensor4D = tf.sub(tf.max(images, [1, 2], true), least);
  const isFlat: Tensor4D = tf.cast(tf.equal(range, 0) as Tensor4D, 'float32');
  const stretched = tf.div(tf.sub(images, tf.mul(least, tf.sub(1, isFlat))), tf.add(range, isFlat));
  return tf.clipByValue(stretched, 0, 1) as Tensor4D;
}
