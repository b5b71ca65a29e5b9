import type { Observer, Tf } from '@ssql/core';
import { gaussian } from '../../../packages/plugins/src/observer/gaussian.js';
import { make } from '../../plugins/make-plugin.js';

/**
 * The official observer: of the last batch alone, and not within what was seen, so that outputs of a ReLU spend levels on negative
 * values.
 */
export async function officialGaussian(tf: Tf): Promise<Observer> {
  const observer = await make(gaussian, { deviations: 2 }, { tf });
  return {
    ...observer,
    observe(x, granularity) {
      const state = observer.observe(x, granularity);
      const { shape } = state['mean']!;
      return { ...state, min: tf.fill(shape, -Infinity), max: tf.fill(shape, Infinity) };
    },
  };
}
