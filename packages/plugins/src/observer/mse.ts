import { definePlugin, stopGradient, withoutGradient, type Observer, type ObserverState, type Tf } from '@ssql/core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { evenlySpaced } from './evenly-spaced.js';
import { extreme } from './extreme.js';
import { errorOf, searchFactor } from './least-error.js';

/** The range with the least total rounding and clipping error. */
export const mse = definePlugin({
  kind: 'observer',
  name: 'mse',
  summary:
    'The minimum and the maximum, scaled by the factor in [0.2, 1] with the least quantization error at the bit width.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      symmetric: {
        description:
          'The same as in the quantizer. true: levels on both sides of zero. false: levels from the minimum to the maximum.',
        type: 'boolean',
        default: false,
      },
      exponent: {
        description: 'The error of a value is |quantized - value| ^ exponent.',
        type: 'number',
        exclusiveMinimum: 0,
        default: 2.4,
      },
      samples: {
        description:
          'Maximum number of values that the factor is fitted to, evenly spaced: of the tensor, or of each channel.',
        type: 'integer',
        minimum: 16,
        default: 2048,
      },
    },
  },
  /**
   * The range is factor * [min, max]. A ternary search of 15 steps, as in the official code, finds the factor in [0.2, 1]; the backward pass
   * treats it as a constant. The official code searches with asymmetric levels for symmetric quantizers too, and searches per channel in
   * numpy, in float64 or float32 depending on numpy's version; this observer uses float32.
   */
  create: ({ symmetric, exponent, samples }, { tf }): Observer => ({
    observe(x, granularity, previous) {
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
        return tf.reshape(searchFactor(tf, error, error(tf.ones([values.shape[1]]))), min.shape);
      });
      return { min: tf.mul(min, factor), max: tf.mul(max, factor) };
    },
  }),
});

interface Seen extends ObserverState {
  readonly min: Tensor;
  readonly max: Tensor;
  /** Values [rows,channels], and the number of observed values that each row represents, [rows,1]. */
  readonly values: Tensor2D;
  readonly weights: Tensor2D;
}

/** The union of two sets. Beyond `most` rows, the rows that are kept also represent those that are dropped. */
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
