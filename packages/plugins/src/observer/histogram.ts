import { definePlugin, levelCount, withoutGradient, type Observer, type ObserverState, type Tf } from '@ssql/core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { powerOfTwoAtLeast } from '../quantizer/power-of-two.js';
import { evenlySpaced } from './evenly-spaced.js';
import { extreme } from './extreme.js';

/** Number of thresholds that are tried. */
const CANDIDATES = 64;
/** Lower bound of a bin of the distributions, so that its logarithm is finite. */
const LEAST = 1e-7;

/** The range whose quantized histogram diverges least from the observed histogram. */
export const histogram = definePlugin({
  kind: 'observer',
  name: 'histogram',
  summary:
    'The range whose quantized distribution of magnitudes has the least Kullback-Leibler divergence from the observed one.',
  paper: 'https://arxiv.org/abs/2004.09602',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      bins: {
        description:
          'Bins of the histogram of magnitudes. If there are more levels than bins, little or nothing is clipped.',
        type: 'integer',
        minimum: 64,
        default: 512,
      },
      samples: {
        description: 'Maximum number of values counted per batch, evenly spaced: of the tensor, or of each channel.',
        type: 'integer',
        minimum: 16,
        default: 16384,
      },
    },
  },
  /**
   * Entropy calibration (arXiv 2004.09602, section 4): of 64 thresholds t, the one with the least KL(P || Q). P are the counts below t, with
   * all counts beyond t added to the last bin; Q are the counts below t, averaged over each level. This differs from the official code,
   * which never writes the first entries of its divergences, so that its threshold is 2 max|x| / bins (bins / 2 - levels) for any data.
   *
   * With a range for each channel it costs 64 * bins * channels: it is intended for outputs.
   *
   * The bins end at a power of two, so that histograms of different reach merge exactly, in any order. No gradient flows to the
   * threshold, which depends on the bins alone.
   */
  create: ({ bins, samples }, { tf }): Observer => ({
    observe(x, granularity, previous) {
      const min = extreme(tf, 'min', x, granularity);
      const max = extreme(tf, 'max', x, granularity);
      const reach = withoutGradient(tf, () => powerOfTwoAtLeast(tf, tf.maximum(tf.abs(min), tf.abs(max))));
      const counts = withoutGradient(tf, () => count(tf, evenlySpaced(tf, x, granularity, samples), reach, bins));
      if (previous === undefined) return { min, max, reach, counts } satisfies Seen;
      const seen = previous as unknown as Seen; // made here
      const joint = withoutGradient(tf, () => tf.maximum(seen.reach, reach));
      const both = withoutGradient(tf, () =>
        tf.add(widened(tf, seen.counts, seen.reach, joint), widened(tf, counts, reach, joint)),
      );
      return {
        min: tf.minimum(seen.min, min),
        max: tf.maximum(seen.max, max),
        reach: joint,
        counts: both as Tensor2D,
      } satisfies Seen;
    },
    range(state, bits) {
      const { min, max, reach, counts } = state as unknown as Seen; // made by `observe`
      const threshold = withoutGradient(tf, () => {
        const signed: Tensor1D = tf.reshape(tf.cast(tf.less(min, 0), 'float32'), [-1]);
        const levels = tf.minimum(levelCount(tf, tf.sub(bits, signed)), bins);
        const divergence = divergences(tf, counts, levels as Tensor1D, bins);
        const best = tf.add(tf.cast(tf.argMin(divergence, 0), 'float32'), 1);
        return tf.mul(tf.reshape(tf.div(best, CANDIDATES), min.shape), reach);
      });
      return { min: tf.maximum(min, tf.neg(threshold)), max: tf.minimum(max, threshold) };
    },
  }),
});

interface Seen extends ObserverState {
  readonly min: Tensor;
  readonly max: Tensor;
  /** The end of the bins, a power of two, of the tensor or of each channel. */
  readonly reach: Tensor;
  /** Counts of magnitudes [bins,channels]. */
  readonly counts: Tensor2D;
}

/** Counts of the magnitudes of values [rows,channels]. */
function count(tf: Tf, values: Tensor2D, reach: Tensor, bins: number): Tensor2D {
  const bin = tf.minimum(tf.floor(tf.mul(tf.div(tf.abs(values), reach), bins)), bins - 1);
  return addInto(tf, bin, tf.ones(values.shape), bins);
}

/** The same counts in bins of a larger reach. */
function widened(tf: Tf, counts: Tensor2D, from: Tensor, to: Tensor): Tensor2D {
  const bins = counts.shape[0];
  const bin = tf.floor(tf.mul(tf.reshape(tf.range(0, bins, 1), [bins, 1]), tf.div(from, to)));
  return addInto(tf, tf.broadcastTo(bin, counts.shape), counts, bins);
}

/** Sums of `amounts` by bin, for each channel. */
function addInto(tf: Tf, bin: Tensor, amounts: Tensor, bins: number): Tensor2D {
  const channels = amounts.shape[1]!;
  const location = tf.cast(tf.add(tf.mul(bin, channels), tf.range(0, channels, 1)), 'int32');
  const sums = tf.scatterND(tf.reshape(location, [-1, 1]), tf.reshape(amounts, [-1]), [bins * channels]);
  return tf.reshape(sums, [bins, channels]);
}

/** KL(P || Q) for each threshold and channel, [CANDIDATES,channels]. */
function divergences(tf: Tf, counts: Tensor2D, levels: Tensor1D, bins: number): Tensor2D {
  const channels = counts.shape[1];
  const ends = tf.div(tf.mul(tf.range(1, CANDIDATES + 1, 1), bins), CANDIDATES);
  const width = tf.floor(tf.reshape(ends, [CANDIDATES, 1, 1])); // of the candidates, in bins
  const bin = tf.reshape(tf.range(0, bins, 1), [1, bins, 1]);
  const below = tf.less(bin, width);
  // The first bin of the level that a bin belongs to, and the first bin after that level.
  const level = tf.floor(tf.div(tf.mul(bin, levels), width));
  const begin = tf.ceil(tf.div(tf.mul(level, width), levels));
  const end = tf.minimum(tf.ceil(tf.div(tf.mul(tf.add(level, 1), width), levels)), width);
  const within = (amounts: Tensor2D): Tensor => {
    const sums = tf.reshape(tf.concat([tf.zeros([1, channels]), tf.cumsum(amounts, 0)], 0), [-1]);
    const upTo = (at: Tensor): Tensor => {
      const location = tf.cast(tf.add(tf.mul(tf.minimum(at, bins), channels), tf.range(0, channels, 1)), 'int32');
      return tf.reshape(tf.gatherND(sums, tf.reshape(location, [-1, 1])), [CANDIDATES, bins, channels]);
    };
    return tf.sub(upTo(end), upTo(begin));
  };
  const filled = tf.cast(tf.greater(counts, 0), 'float32') as Tensor2D;
  const mask = tf.cast(below, 'float32');
  const kept = tf.mul(counts, mask);
  const inside = tf.sum(kept, 1, true);
  const total = tf.maximum(tf.sum(counts, 0), 1);
  const last = tf.cast(tf.equal(bin, tf.sub(width, 1)), 'float32');
  const p = tf.div(tf.add(kept, tf.mul(last, tf.sub(total, inside))), total);
  const average = tf.div(within(counts), tf.maximum(within(filled), 1));
  const q = tf.div(tf.mul(tf.mul(average, filled), mask), tf.maximum(inside, 1));
  const terms = tf.mul(p, tf.sub(tf.log(tf.maximum(p, LEAST)), tf.log(tf.maximum(q, LEAST))));
  const divergence = tf.sum(terms, 1);
  // With fewer bins than levels there is no rounding to measure, and a range without counts is useless.
  const tooNarrow = tf.logicalOr(
    tf.less(tf.reshape(width, [CANDIDATES, 1]), levels),
    tf.equal(tf.reshape(inside, [CANDIDATES, channels]), 0),
  );
  const unwanted = tf.sub(1e6, tf.reshape(width, [CANDIDATES, 1]));
  return tf.where(tooNarrow, tf.broadcastTo(unwanted, [CANDIDATES, channels]), divergence) as Tensor2D;
}
