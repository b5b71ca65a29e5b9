import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '@ssql/core';
import { luma } from './luma.js';
import { column } from './per-sample.js';

/** a x + b gray(x) + c mean(gray(x)), clamped to [0, 1]; a, b and c lie at `first` in the parameters. */
export function mix(tf: Tf, images: Tensor4D, parameters: Tensor2D, first: number): Tensor4D {
  const gray = luma(tf, images);
  const mean: Tensor4D = tf.mean(gray, [1, 2], true);
  const scaled = tf.mul(images, column(tf, parameters, first));
  const grays = tf.add(
    tf.mul(gray, column(tf, parameters, first + 1)),
    tf.mul(mean, column(tf, parameters, first + 2)),
  );
  const mixed: Tensor4D = tf.add(scaled, grays);
  return tf.clipByValue(mixed, 0, 1);
}
