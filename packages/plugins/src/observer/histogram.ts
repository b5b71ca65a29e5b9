import { definePlugin, levelCount, withoutGradient, type Observer, type ObserverState, type Tf } from '@ssql/core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { powerOfTwoAtLeast } from '../quantizer/power-of-two.js';
import { evenlySpaced } from './evenly-spaced.js';
import { extreme } from './extreme.js';

/** Thresholds that are tried. */
const CANDIDATES = 64;
/** What a bin of the quantized distribution has at least, so that its logarithm is finite. */
const LEAST = 1e-7;

/** The range whose quantized histogram tells the most of the histogram. */
export const histogram = definePlugin({
  kind: 'observer',
  name: 'histogram',
  summary:
    'The range in which the distribution of magnitudes, quantized, diverges least (Kullback-Leibler) from what was seen.',
  paper: 'https://arxiv.org/abs/2004.09602',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      bins: {
        description:
          'Bins of the histogram of magnitudes. Where there are more levels than bins, little or nothing is clipped.',
        type: 'integer',
        minimum: 64,
        default: 512,
      },
      samples: {
        description: 'At most so many values of a batch are counted, evenly spaced: of a tensor, or of each channel.',
        type: 'integer',
        minimum: 16,
        default: 16384,
      },
    },
  },
  /**
   * Entropy calibration (arXiv 2004.09602, section 4): of 64 thresholds t that one with the least KL(P || Q), where P are the counts below t, the
   * last bin with all beyond, and Q those below t, averaged over what falls on a level. The official code never writes the first
   * entries of its divergences, so that its threshold is 2 max|x| / bins (bins / 2 - levels) whatever the data; ours is not that one.
   *
   * With a range for each channel it costs 64 * bins * channels: it is meant for outputs.
   *
   * The bins reach to a power of two, so that histograms of different reach join exactly, in any order. No gradient flows to the
   * threshold, which bins alone make.
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
  /** Where the bins end, a power of two, for the tensor or for each channel. */
  readonly reach: Tensor;
  /** Counts of magnitudes [bins,channels]. */
  readonly counts: Tensor2D;
}

/** Counts of the magnitudes of values [rows,channels]. */
function count(tf: Tf, values: Tensor2D, reach: Tensor, bins: number): Tensor2D {
  const bin = tf.minimum(tf.floor(tf.mul(tf.div(tf.abs(values), reach), bins)), bins - 1);
  return addInto(tf, bin, tf.ones(values.shape), bins);
}

/** The same counts in bins of another, larger reach. */
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
  // Where the level that a bin falls on begins and ends.
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
  // Fewer bins than levels say nothing of rounding, and a range of nothing is none.
  const tooNarrow = tf.logicalOr(
    tf.less(tf.reshape(width, [CANDIDATES, 1]), levels),
    tf.equal(tf.reshape(inside, [CANDIDATES, channels]), 0),
  );
  const unwanted = tf.sub(1e6, tf.reshape(width, [CANDIDATES, 1]));
  return tf.where(tooNarrow, tf.broadcastTo(unwanted, [CANDIDATES, channels]), divergence) as Tensor2D;
}
