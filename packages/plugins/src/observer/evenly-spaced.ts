import type { Granularity, Tf } from '@ssql/core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';

/**
 * At most `most` evenly spaced values, of each channel or of the tensor, [rows,channels]. The spacing and the number of values have no
 * common divisor, so that samples do not always come from the same channel or column.
 */
export function evenlySpaced(tf: Tf, x: Tensor, granularity: Granularity, most: number): Tensor2D {
  const channels = granularity === 'channel' ? x.shape[x.rank - 1]! : 1;
  const count = x.size / channels;
  const rows: Tensor2D = tf.reshape(x, [count, channels]);
  if (count <= most) return rows;
  let distance = Math.ceil(count / most);
  while (commonDivisor(distance, count) > 1) distance++;
  const taken = Math.floor(count / distance);
  const groups = tf.reshape(tf.slice(rows, [0, 0], [taken * distance, channels]), [taken, distance, channels]);
  return tf.reshape(tf.slice(groups, [0, 0, 0], [taken, 1, channels]), [taken, channels]);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
