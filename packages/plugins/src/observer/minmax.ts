import { definePlugin, type Observer, type ObserverState, type Range } from '@ssql/core';
import { extreme } from './extreme.js';

/** The smallest and the largest value of all batches. */
export const minmax = definePlugin({
  kind: 'observer',
  name: 'minmax',
  summary: 'The smallest and the largest value of all batches since the last reset.',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: (_, { tf }): Observer => ({
    observe(x, granularity, previous) {
      const min = extreme(tf, 'min', x, granularity);
      const max = extreme(tf, 'max', x, granularity);
      if (!previous) return { min, max };
      const seen = rangeOf(previous);
      return { min: tf.minimum(seen.min, min), max: tf.maximum(seen.max, max) };
    },
    range: rangeOf,
  }),
});

/** The state is the range: `observe` made it with these two names. */
function rangeOf(state: ObserverState): Range {
  return state as unknown as Range;
}
