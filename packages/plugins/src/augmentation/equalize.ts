import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '@ssql/core';

const LEVELS = 256;
const LAST = LEVELS - 1;

/**
 * Spreads the values of each channel of each image evenly: torchvision's `equalize`, PIL's to the integer. Values are first rounded down to 256
 * levels, because it counts them. A channel with too few pixels besides its brightest ones stays as it is.
 */
export function equalize(tf: Tf, images: Tensor4D): Tensor4D {
  const [count, height, width, channels] = images.shape;
  const [rows, pixels] = [count * channels, height * width];
  // As torchvision makes bytes of floats.
  const bytes = tf.clipByValue(tf.floor(tf.mul(images, LEVELS - 1e-3)), 0, LAST);
  const levels: Tensor2D = tf.reshape(tf.transpose(bytes, [0, 3, 1, 2]), [rows, pixels]);
  const firsts: Tensor2D = tf.reshape(tf.mul(tf.range(0, rows, 1, 'int32'), tf.scalar(LEVELS, 'int32')), [rows, 1]);
  const cells: Tensor2D = tf.reshape(tf.add(tf.cast(levels, 'int32'), firsts), [rows * pixels, 1]);
  const ones: Tensor1D = tf.ones([rows * pixels]);
  const counts: Tensor2D = tf.reshape(tf.scatterND(cells, ones, [rows * LEVELS]), [rows, LEVELS]);
  const below: Tensor2D = tf.cumsum(counts, 1, true);
  // Pixels darker than the brightest level: the most that lie below a level that some pixel has.
  const darker: Tensor2D = tf.max(tf.mul(below, tf.clipByValue(counts, 0, 1)), 1, true);
  const step = tf.floor(tf.div(darker, LAST) as Tensor2D);
  const ranks = tf.div(tf.add(below, tf.floor(tf.div(step, 2))), tf.maximum(step, 1));
  const table: Tensor1D = tf.reshape(tf.clipByValue(tf.floor(ranks), 0, LAST), [rows * LEVELS]);
  const equalized: Tensor2D = tf.reshape(tf.gatherND(table, cells), [rows, pixels]);
  const isSpread: Tensor2D = tf.clipByValue(step, 0, 1);
  const chosen = tf.add(tf.mul(isSpread, equalized), tf.mul(tf.sub(1, isSpread), levels));
  return tf.transpose(tf.reshape(tf.div(chosen, LAST), [count, channels, height, width]), [0, 2, 3, 1]);
}
