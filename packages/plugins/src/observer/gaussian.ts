import { definePlugin, type Granularity, type Observer, type ObserverState, type Range, type Tf } from '@ssql/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { extreme } from './extreme.js';

/** A number of standard deviations around the mean. */
export const gaussian = definePlugin({
  kind: 'observer',
  name: 'gaussian',
  summary:
    'From mean - deviations * std to mean + deviations * std over all batches, clipped to the observed minimum and maximum.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      deviations: {
        description: 'Standard deviations on each side of the mean. The official code uses 2.',
        type: 'number',
        exclusiveMinimum: 0,
        default: 3,
      },
    },
  },
  create: ({ deviations }, { tf }): Observer => ({
    observe(x, granularity, previous) {
      const seen = momentsOf(tf, x, granularity);
      return previous === undefined ? seen : joined(tf, previous as unknown as Moments, seen); // made here
    },
    range(state) {
      const { count, mean, squares, min, max } = state as unknown as Moments; // made by `observe`
      const variance = tf.div(squares, tf.maximum(tf.sub(count, 1), 1));
      // The square root of 0 has no finite gradient.
      const spread = tf.greater(variance, 0);
      const deviation = tf.where(spread, tf.sqrt(tf.where(spread, variance, tf.onesLike(variance))), variance);
      const half = tf.mul(deviation, deviations);
      const range: Range = { min: tf.sub(mean, half), max: tf.add(mean, half) };
      return { min: tf.maximum(range.min, min), max: tf.minimum(range.max, max) };
    },
  }),
});

/** Moments of the observed values, of the tensor or of each channel; `squares` is the sum of squared distances from the mean. */
interface Moments extends ObserverState {
  readonly count: Tensor;
  readonly mean: Tensor;
  readonly squares: Tensor;
  readonly min: Tensor;
  readonly max: Tensor;
}

function momentsOf(tf: Tf, x: Tensor, granularity: Granularity): Moments {
  const channels = granularity === 'channel' ? x.shape[x.rank - 1]! : 1;
  const rows = tf.reshape(x, [-1, channels]);
  const mean = tf.mean(rows, 0, true);
  const shape = granularity === 'channel' ? [channels] : [];
  return {
    count: tf.scalar(rows.shape[0]!),
    mean: tf.reshape(mean, shape),
    squares: tf.reshape(tf.sum(tf.square(tf.sub(rows, mean)), 0), shape),
    min: extreme(tf, 'min', x, granularity),
    max: extreme(tf, 'max', x, granularity),
  };
}

/** Moments of the union of two sets (Chan, Golub, LeVeque, 1979). */
function joined(tf: Tf, a: Moments, b: Moments): Moments {
  const count = tf.add(a.count, b.count);
  const distance = tf.sub(b.mean, a.mean);
  const share = tf.div(b.count, count);
  return {
    count,
    mean: tf.add(a.mean, tf.mul(distance, share)),
    squares: tf.addN([a.squares, b.squares, tf.mul(tf.square(distance), tf.mul(a.count, share))]),
    min: tf.minimum(a.min, b.min),
    max: tf.maximum(a.max, b.max),
  };
}
