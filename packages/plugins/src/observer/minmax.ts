import { definePlugin, type Observer, type ObserverState, type Range } from '@ssql/core';
import { extreme } from './extreme.js';

/** The minimum and the maximum of all observed batches. */
export const minmax = definePlugin({
  kind: 'observer',
  name: 'minmax',
  summary: 'The minimum and the maximum of all observed batches.',
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
