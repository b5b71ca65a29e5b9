import { customGradient, definePlugin, stopGradient, type Observer, type ObserverState, type Tf } from '@ssql/core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { evenlySpaced } from './evenly-spaced.js';
import { extreme } from './extreme.js';

/** Magnitudes kept per batch, as a multiple of the batch's share of the largest magnitudes. */
const SHARES = 4;
/** The least number of magnitudes kept per batch. */
const FEWEST = 16;

/** The range without the largest magnitudes. */
export const percentile = definePlugin({
  kind: 'observer',
  name: 'percentile',
  summary:
    'The minimum and the maximum after leaving out a small share of the values, those of the largest magnitudes.',
  paper: 'https://arxiv.org/abs/2004.09602',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      alpha: {
        description: 'Share of the values that may lie outside the range.',
        type: 'number',
        exclusiveMinimum: 0,
        maximum: 0.5,
        default: 0.001,
      },
      samples: {
        description: 'Maximum number of values used per batch, evenly spaced: of the tensor, or of each channel.',
        type: 'integer',
        minimum: 16,
        default: 65536,
      },
    },
  },
  /**
   * The k-th largest magnitude t of all n values, k = floor(alpha n + 1/2), clips the range to [-t, t]; with k = 0 nothing is clipped.
   * The largest 4 alpha n magnitudes of each batch are kept: t is exact unless a batch has more than four times its share. (The
   * official code divides by the number of channels after rounding, and needs a second pass to know n.)
   */
  create: ({ alpha, samples }, { tf }): Observer => ({
    observe(x, granularity, previous) {
      const values = evenlySpaced(tf, x, granularity, samples);
      const [count] = values.shape;
      const kept = Math.min(count, Math.ceil(SHARES * alpha * count) + FEWEST);
      const seen: Seen = {
        min: extreme(tf, 'min', x, granularity),
        max: extreme(tf, 'max', x, granularity),
        largest: largestMagnitudes(tf, values, kept),
        count: tf.scalar(count),
      };
      if (previous === undefined) return seen;
      const { min, max, largest, count: before } = previous as unknown as Seen; // made here
      const both: Tensor2D = tf.concat([stopGradient(largest), seen.largest], 1);
      return {
        min: tf.minimum(min, seen.min),
        max: tf.maximum(max, seen.max),
        largest: largestMagnitudes(tf, tf.transpose(both), both.shape[1]),
        count: tf.add(before, seen.count),
      } satisfies Seen;
    },
    range(state) {
      const { min, max, largest, count } = state as unknown as Seen; // made by `observe`
      const places = tf.range(1, largest.shape[1] + 1, 1);
      const k = tf.minimum(tf.floor(tf.add(tf.mul(count, alpha), 0.5)), largest.shape[1]);
      const chosen = tf.cast(tf.equal(places, k), 'float32');
      const threshold = tf.reshape(tf.sum(tf.mul(largest, chosen), 1), min.shape);
      const clips = tf.greater(k, 0);
      return {
        min: tf.where(clips, tf.maximum(min, tf.neg(threshold)), min),
        max: tf.where(clips, tf.minimum(max, threshold), max),
      };
    },
  }),
});

interface Seen extends ObserverState {
  readonly min: Tensor;
  readonly max: Tensor;
  /** Magnitudes [channels,kept], descending. */
  readonly largest: Tensor2D;
  /** Number of observed values, of each channel. */
  readonly count: Tensor;
}

/** The largest magnitudes of each column of values [rows,channels], descending, [channels,kept]. Gradient flows to their positions. */
function largestMagnitudes(tf: Tf, values: Tensor2D, kept: number): Tensor2D {
  return customGradient(
    tf,
    { values },
    ({ values }) => ({ value: tf.topk(tf.abs(tf.transpose(values)), kept).values, saved: { values } }),
    (dy, { values }) => {
      const [rows, channels] = values.shape;
      // The positions are recomputed: a custom gradient cannot save integers.
      const { indices } = tf.topk(tf.abs(tf.transpose(values)), kept);
      const channel = tf.reshape(tf.range(0, channels, 1, 'int32'), [channels, 1]);
      const places = tf.add(tf.mul(channel, tf.scalar(rows, 'int32')), tf.cast(indices, 'int32'));
      const scattered = tf.scatterND(tf.reshape(places, [-1, 1]), tf.reshape(dy, [-1]), [channels * rows]);
      return { values: tf.mul(tf.transpose(tf.reshape(scattered, [channels, rows])), tf.sign(values)) };
    },
  );
}
