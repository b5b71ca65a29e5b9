import { definePlugin, stopGradient, type Observer, type ObserverState, type Tf } from '@ssql/core';
import type { Rank, Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { evenlySpaced } from './evenly-spaced.js';
import { extreme } from './extreme.js';
import { withoutGradient } from './without-gradient.js';

/** The range whose rounding and clipping errors are least, together. */
export const mse = definePlugin({
  kind: 'observer',
  name: 'mse',
  summary:
    'The smallest and the largest value, drawn in by the factor that quantizes with the least error at the bit width.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      symmetric: {
        description:
          'As the quantizer that the range is for: levels on both sides of zero, or from the minimum to the maximum.',
        type: 'boolean',
        default: false,
      },
      exponent: {
        description: 'The error of a value is |quantized - value| to the power of this.',
        type: 'number',
        exclusiveMinimum: 0,
        default: 2.4,
      },
      samples: {
        description: 'The factor is fitted to at most so many values, evenly spaced: of a tensor, or of each channel.',
        type: 'integer',
        minimum: 16,
        default: 2048,
      },
      official: {
        description: 'As the official code: of the first batch alone, and without comparing with the whole range.',
        type: 'boolean',
        default: false,
      },
    },
  },
  /**
   * The range is factor * [min, max]. The factor, a constant of the backward pass, is found in [0.2, 1] by a ternary search of 15 steps,
   * as in the official code, which searches with asymmetric levels for symmetric quantizers too, and channelwise in numpy, in float64
   * or float32 by its version; ours is in float32.
   */
  create: ({ symmetric, exponent, samples, official }, { tf }): Observer => ({
    observe(x, granularity, previous) {
      if (previous !== undefined && official) return { ...previous };
      const values = withoutGradient(tf, () => tf.clone(evenlySpaced(tf, x, granularity, samples)));
      const [taken, channels] = values.shape;
      const seen: Seen = {
        min: extreme(tf, 'min', x, granularity),
        max: extreme(tf, 'max', x, granularity),
        values,
        weights: tf.fill([taken, 1], x.size / channels / taken),
      };
      return previous === undefined ? seen : joined(tf, previous as unknown as Seen, seen, samples); // made here
    },
    range(state, bits) {
      const { min, max, values, weights } = state as unknown as Seen; // made by `observe`
      const factor = withoutGradient(tf, () => {
        const ends = [min, max].map((end): Tensor1D => tf.reshape(end, [-1]));
        const error = errorOf(tf, values, weights, ends as [Tensor1D, Tensor1D], bits, { symmetric, exponent });
        return tf.reshape(search(tf, error, values.shape[1], !official), min.shape);
      });
      return { min: tf.mul(min, factor), max: tf.mul(max, factor) };
    },
  }),
});

interface Seen extends ObserverState {
  readonly min: Tensor;
  readonly max: Tensor;
  /** Values [rows,channels], and how many seen ones each row stands for [rows,1]. */
  readonly values: Tensor2D;
  readonly weights: Tensor2D;
}

/** Two sets together. Beyond `most` rows each kept one stands for as many more. */
function joined(tf: Tf, a: Seen, b: Seen, most: number): Seen {
  const values: Tensor2D = tf.concat([stopGradient(a.values), b.values], 0);
  const weights: Tensor2D = tf.concat([a.weights, b.weights], 0);
  const rows = values.shape[0];
  const kept = evenlySpaced(tf, values, 'channel', most);
  const keptWeights = evenlySpaced(tf, weights, 'channel', most);
  return {
    min: tf.minimum(a.min, b.min),
    max: tf.maximum(a.max, b.max),
    values: kept,
    weights: tf.mul(keptWeights, rows / kept.shape[0]),
  };
}

type ErrorOf = (factor: Tensor1D) => Tensor1D;

/** The error of a factor for each channel: the sum of weighted powers of |quantized - value|. */
function errorOf(
  tf: Tf,
  values: Tensor2D,
  weights: Tensor2D,
  [min, max]: readonly [Tensor1D, Tensor1D],
  bits: Scalar,
  { symmetric, exponent }: { readonly symmetric: boolean; readonly exponent: number },
): ErrorOf {
  const levels = tf.round(tf.pow(2, bits));
  const codes = tf.sub(levels, 1);
  const extent = symmetric ? tf.mul(tf.maximum(tf.abs(min), tf.abs(max)), 2) : tf.sub(max, min);
  const halfUp = (x: Tensor): Tensor => tf.floor(tf.add(x, 0.5));
  return (factor) => {
    const step = tf.div(tf.mul(extent, factor), codes);
    const scale = tf.where(tf.equal(step, 0), tf.onesLike(step), step);
    // In multiples of the scale; the zero point of an asymmetric quantizer is -lowest.
    const lowest = symmetric ? tf.div(levels, -2) : tf.round(tf.div(tf.mul(min, factor), scale));
    const highest = tf.add(lowest, codes);
    const quantized = tf.mul(tf.maximum(tf.minimum(halfUp(tf.div(values, scale)), highest), lowest), scale);
    return tf.sum(tf.mul(tf.pow(tf.abs(tf.sub(quantized, values)), exponent), weights), 0);
  };
}

/** The factor of the least error of all that a ternary search tries, which keeps two thirds at each step, and of 1. */
function search(tf: Tf, error: ErrorOf, channels: number, triesOne: boolean): Tensor1D {
  let low: Tensor1D = tf.fill([channels], 0.2);
  let high: Tensor1D = tf.ones([channels]);
  let best: Tensor1D = high;
  let least = triesOne ? error(best) : tf.fill<Rank.R1>([channels], Infinity);
  const consider = (factor: Tensor1D): Tensor1D => {
    const found = error(factor);
    const better = tf.less(found, least);
    [best, least] = [tf.where(better, factor, best), tf.where(better, found, least)];
    return found;
  };
  for (let step = 0; step < 15; step++) {
    const third = tf.div(tf.sub(high, low), 3);
    const [left, right]: [Tensor1D, Tensor1D] = [tf.add(low, third), tf.sub(high, third)];
    const leftIsBetter = tf.less(consider(left), consider(right));
    [low, high] = [tf.where(leftIsBetter, low, left), tf.where(leftIsBetter, right, high)];
  }
  return best;
}
