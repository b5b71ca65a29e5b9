import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Tf } from '@ssql/core';
import { parameter } from './per-sample.js';
import { luma, type Planes } from './planes.js';

/** a x + b gray(x) + c mean(gray(x)), clamped to [0, 1]; a, b and c lie at `first` in the parameters [N,P]. */
export function mix(tf: Tf, planes: Planes, parameters: Tensor2D, first: number): Planes {
  const gray = luma(tf, planes);
  const mean: Tensor2D = tf.mean(gray, 1, true);
  const [a, b, c] = [0, 1, 2].map((index) => parameter(tf, parameters, first + index)) as [
    Tensor2D,
    Tensor2D,
    Tensor2D,
  ];
  const grays: Tensor2D = tf.add(tf.mul(gray, b), tf.mul(mean, c));
  const mixed = (plane: Tensor2D): Tensor2D => tf.clipByValue(tf.add(tf.mul(plane, a), grays), 0, 1) as Tensor2D;
  const [red, green, blue] = planes;
  return [mixed(red), mixed(green), mixed(blue)];
}
