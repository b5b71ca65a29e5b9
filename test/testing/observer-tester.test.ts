import { definePlugin, stopGradient, type Granularity, type Observer, type ObserverState, type Tf } from '@ssql/core';
import { ObserverTester } from '@ssql/core/testing';
import type { Tensor } from '@tensorflow/tfjs-core';
import { minmax } from '../../packages/plugins/src/observer/minmax.js';
import { testBreaks } from './breaks.js';

type Change = (sound: Observer, tf: Tf) => Partial<Observer>;

const CONTAINS = 'its range contains every observed value';
const ORDER = 'the order of batches does not matter';

/** minmax with a defect. */
function flawed(change: Change) {
  return definePlugin({
    ...minmax,
    name: 'flawed',
    async create(options, context): Promise<Observer> {
      const sound = await minmax.create(options, context);
      return { ...sound, ...change(sound, context.tf) };
    },
  });
}

/** minmax with changed ends of a batch's range. */
function ends(change: (tf: Tf, end: Tensor, granularity: Granularity) => Tensor) {
  return flawed((sound, tf) => ({
    observe(x, granularity, previous) {
      const { min, max } = sound.observe(x, granularity, previous) as { min: Tensor; max: Tensor };
      return { min: change(tf, min, granularity), max: change(tf, max, granularity) };
    },
  }));
}

describe('ObserverTester', () => {
  testBreaks(
    ObserverTester,
    [
      { title: 'passes minmax', plugin: minmax, breaks: [] },
      {
        title: 'detects swapped ends',
        plugin: flawed((sound) => ({
          range(state, bits) {
            const { min, max } = sound.range(state, bits);
            return { min: max, max: min };
          },
        })),
        breaks: ['its range is finite, with its minimum at most its maximum', CONTAINS],
      },
      {
        title: 'detects a range that is too narrow',
        plugin: flawed((sound, tf) => ({
          observe: (x, granularity, previous) => sound.observe(x, granularity, previous), // uses the correct range
          range(state, bits) {
            const { min, max } = sound.range(state, bits);
            const middle = tf.div(tf.add(min, max), 2);
            const half = tf.mul(tf.sub(max, min), 0.45);
            return { min: tf.sub(middle, half), max: tf.add(middle, half) };
          },
        })),
        breaks: [CONTAINS],
      },
      {
        title: 'detects a moving average',
        plugin: flawed((sound, tf) => ({
          observe(x, granularity, previous): ObserverState {
            const now = sound.observe(x, granularity);
            if (!previous) return now;
            const average = (end: 'min' | 'max') => tf.add(tf.mul(previous[end]!, 0.9), tf.mul(now[end]!, 0.1));
            return { min: average('min'), max: average('max') };
          },
        })),
        breaks: [CONTAINS, ORDER],
      },
      {
        title: 'detects a vector instead of a scalar',
        plugin: ends((tf, end, granularity) => (granularity === 'tensor' ? tf.reshape(end, [1]) : end)),
        breaks: ['its range is a scalar, or one value per channel'],
      },
      {
        title: 'detects a stopped gradient',
        plugin: ends((_, end) => stopGradient(end)),
        breaks: ['its gradient is that of its range'],
      },
      {
        title: 'detects a scaled gradient',
        plugin: ends((tf, end) => tf.add(end, tf.mul(0.1, tf.sub(end, stopGradient(end))))),
        breaks: ['its gradient is that of its range'],
      },
      {
        title: 'detects a division by zero',
        plugin: flawed((sound, tf) => ({
          range(state, bits) {
            const { min, max } = sound.range(state, bits);
            const width = tf.sub(max, min);
            return { min, max: tf.add(min, tf.div(tf.square(width), width)) };
          },
        })),
        breaks: ['it is finite on constant and on zero input'],
      },
      {
        title: 'detects a count of batches outside the state',
        plugin: flawed((sound, tf) => {
          let batches = 0;
          return {
            observe(x, granularity, previous) {
              const { min, max } = sound.observe(x, granularity, previous) as { min: Tensor; max: Tensor };
              batches++;
              return { min, max: previous ? tf.add(max, batches) : max };
            },
          };
        }),
        breaks: ['it is pure', ORDER, 'compiled, it agrees with eager execution'],
      },
      {
        title: 'detects a disposed state',
        plugin: flawed((sound) => ({
          observe(x, granularity, previous) {
            const next = sound.observe(x, granularity, previous);
            previous?.['min']!.dispose();
            return next;
          },
        })),
        breaks: ['it is pure', 'it leaks no tensor'],
      },
      {
        title: 'detects a leaked tensor',
        plugin: ends((tf, end) => (tf.keep(tf.clone(end)), end)),
        breaks: ['it leaks no tensor'],
      },
      {
        title: 'detects values read on the host',
        plugin: ends((tf, end) => tf.add(end, tf.mul(0, tf.scalar(end.dataSync()[0]!)))),
        breaks: ['it reads no values on the host', 'compiled, it agrees with eager execution'],
      },
    ],
    { valid: [{ options: {} }], invalid: [] },
  );
});
