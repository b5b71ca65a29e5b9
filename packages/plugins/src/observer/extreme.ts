import { customGradient, type Granularity, type Tf } from '@ssql/core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';

/**
 * The minimum or maximum of `x`, a scalar, or of each channel of its last axis. If several elements tie, the first gets the gradient, as
 * in PyTorch; tfjs would give the whole gradient to each of them.
 */
export function extreme(tf: Tf, which: 'min' | 'max', x: Tensor, granularity: Granularity): Tensor {
  const channels = granularity === 'channel' ? x.shape[x.rank - 1]! : 1;
  return customGradient(
    tf,
    { x },
    ({ x }) => {
      const values = tf[which](tf.reshape(x, [-1, channels]), 0);
      return { value: tf.reshape(values, granularity === 'channel' ? [channels] : []), saved: { x } };
    },
    (dy, { x }) => {
      const rows = tf.reshape(x, [-1, channels]);
      // Transposed, because libtensorflow searches along the first axis several times as long.
      const byChannel = tf.transpose(rows);
      const index: Tensor1D = which === 'min' ? tf.argMin(byChannel, 1) : tf.argMax(byChannel, 1);
      const places = tf.stack([index, tf.range(0, channels, 1, 'int32')], 1);
      return { x: tf.reshape(tf.scatterND(places, tf.reshape(dy, [channels]), rows.shape), x.shape) };
    },
  );
}
