import { definePlugin, type Observer, type ObserverState, type Range } from '@ssql/core';
import { extreme } from './extreme.js';

/** Moving averages of the minimum and the maximum of each batch. */
export const movingAverageMinmax = definePlugin({
  kind: 'observer',
  name: 'moving-average-minmax',
  summary: 'Moving averages of the minimum and the maximum of each batch. Rare extremes widen the range less.',
  paper: 'https://arxiv.org/abs/1712.05877',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      momentum: {
        description:
          'Weight of the average before a batch. The average restarts with each training step, which observes its views, and with each ' +
          'evaluation, which observes calibration batches; so the second batch has the weight 1 - momentum.',
        type: 'number',
        minimum: 0,
        exclusiveMaximum: 1,
        default: 0.9,
      },
    },
  },
  /** Arxiv 1712.05877, section 3.1: min <- momentum min + (1 - momentum) min(x), and max likewise; the first batch initializes them. */
  create: ({ momentum }, { tf }): Observer => ({
    observe(x, granularity, previous) {
      const min = extreme(tf, 'min', x, granularity);
      const max = extreme(tf, 'max', x, granularity);
      if (!previous) return { min, max };
      const seen = rangeOf(previous);
      const average = (before: typeof min, now: typeof min): typeof min =>
        tf.add(tf.mul(before, momentum), tf.mul(now, 1 - momentum));
      return { min: average(seen.min, min), max: average(seen.max, max) };
    },
    range: rangeOf,
  }),
});

/** The state is the range: `observe` made it with these two names. */
function rangeOf(state: ObserverState): Range {
  return state as unknown as Range;
}
