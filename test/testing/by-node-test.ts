import { describe, it } from 'node:test';
import { definePlugin, type Observer } from '@ssql/core';
import { ObserverTester } from '@ssql/core/testing';
import { minmax } from '../../packages/plugins/src/observer/minmax.js';

const average = definePlugin({
  ...minmax,
  name: 'average',
  async create(options, context): Promise<Observer> {
    const { tf } = context;
    const { observe, range } = await minmax.create(options, context);
    return {
      range,
      observe(x, granularity, previous) {
        const now = observe(x, granularity);
        if (!previous) return now;
        const average = (end: 'min' | 'max') => tf.add(tf.mul(previous[end]!, 0.9), tf.mul(now[end]!, 0.1));
        return { min: average('min'), max: average('max') };
      },
    };
  },
});

ObserverTester.run(
  average,
  {
    valid: [{ options: {} }],
    invalid: [{ options: { momentum: 0.9 }, code: 'UNKNOWN_KEY' }],
    exempt: {
      'its range contains every observed value': 'a moving average forgets',
      'the order of batches does not matter': 'a moving average forgets',
    },
  },
  { describe, it },
);
