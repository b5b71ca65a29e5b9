import type { Optimizer, Tf } from '@ssql/core';
import { OptimizerTester } from '@ssql/core/testing';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { testBreaks } from './breaks.js';
import { flawed } from './flawed.js';

const SLOTS = 'it returns the value and every slot, with their shapes';
const EACH = 'it returns a gradient for each, with its shape';
const FUNCTION = 'an update is a function of its arguments';
const NO_RATE = 'a learning rate of zero leaves values as they are';
const NO_GRADIENT = 'a zero gradient leaves new values as they are';
const DESCENDS = 'it descends on a quadratic';
const FINITE = 'it is finite at zero';
const LEAKS = 'it leaks no tensor';
const READS = 'it reads no values on the host';
const COMPILED = 'compiled once for all learning rates and steps, it agrees with eager execution';

interface Flaw {
  readonly learningRate?: number;
  readonly update?: (tf: Tf, velocity: Tensor, learningRate: Scalar, value: Tensor) => Tensor;
  readonly slots?: (velocity: Tensor, tf: Tf) => readonly Tensor[];
  readonly gradients?: (all: readonly Tensor[], tf: Tf) => readonly Tensor[];
}

/** Gradient descent with momentum. */
function optimizer({ learningRate = 0.1, update, slots = (velocity) => [velocity], gradients }: Flaw = {}) {
  return flawed('optimizer', ({ tf }): Optimizer => {
    const descend = update ?? ((tf, velocity, rate, value) => tf.sub(value, tf.mul(velocity, rate)));
    return {
      learningRate,
      slots: ['velocity'],
      ...(gradients && {
        gradients: (all) =>
          gradients(
            all.map(({ gradient }) => gradient),
            tf,
          ),
      }),
      update({ value, gradient, slots: [velocity] }, rate) {
        const next = tf.add(tf.mul(velocity!, 0.5), gradient);
        return { value: descend(tf, next, rate, value), slots: slots(next, tf) };
      },
    };
  });
}

describe('OptimizerTester', () => {
  testBreaks(
    OptimizerTester,
    [
      { title: 'passes a correct optimizer', plugin: optimizer(), breaks: [] },
      {
        title: 'detects a learning rate that is no number',
        plugin: optimizer({ learningRate: NaN }),
        breaks: ['its learning rate is a finite number, not negative', DESCENDS],
      },
      {
        title: 'detects a slot that is not returned',
        plugin: optimizer({ slots: () => [] }),
        breaks: [SLOTS, DESCENDS],
      },
      {
        title: 'detects a slot of another shape',
        plugin: optimizer({ slots: (velocity, tf) => [tf.reshape(velocity, [-1])] }),
        breaks: [SLOTS, DESCENDS],
      },
      {
        title: 'passes clipped gradients',
        plugin: optimizer({ gradients: (all, tf) => all.map((gradient) => tf.clipByValue(gradient, -1, 1)) }),
        breaks: [],
      },
      {
        title: 'detects that changed gradients are not returned',
        plugin: optimizer({ gradients: () => undefined as never }),
        breaks: [EACH],
      },
      {
        title: 'detects a gradient that is left out',
        plugin: optimizer({ gradients: (all) => all.slice(1) }),
        breaks: [EACH],
      },
      {
        title: 'detects a gradient of another shape',
        plugin: optimizer({ gradients: (all, tf) => all.map((gradient) => tf.sum(gradient)) }),
        breaks: [EACH],
      },
      {
        title: 'detects random gradients',
        plugin: optimizer({ gradients: (all, tf) => all.map((gradient) => tf.mul(gradient, Math.random())) }),
        breaks: [FUNCTION, COMPILED],
      },
      {
        title: 'detects reversed gradients',
        plugin: optimizer({ gradients: (all, tf) => all.map((gradient) => tf.neg(gradient)) }),
        breaks: [DESCENDS],
      },
      {
        title: 'detects gradients that are divided by their length',
        plugin: optimizer({
          gradients: (all, tf) => all.map((gradient) => tf.div(gradient, tf.norm(gradient))),
        }),
        breaks: [FINITE],
      },
      {
        title: 'detects a gradient that outlives the step',
        plugin: optimizer({ gradients: (all, tf) => all.map((gradient) => tf.keep(tf.clone(gradient))) }),
        breaks: [LEAKS],
      },
      {
        title: 'detects that gradients are disposed',
        plugin: optimizer({
          gradients: (all, tf) =>
            all.map((gradient) => {
              const half = tf.mul(gradient, 0.5);
              gradient.dispose();
              return half;
            }),
        }),
        breaks: [LEAKS, COMPILED],
      },
      {
        title: 'detects that gradients are read on the host',
        plugin: optimizer({
          gradients: (all, tf) =>
            all.map((gradient) => tf.mul(gradient, tf.norm(gradient).dataSync()[0]! > 1 ? 0.5 : 1)),
        }),
        breaks: [READS, COMPILED],
      },
      {
        title: 'detects a count of its own',
        plugin: flawed('optimizer', ({ tf }): Optimizer => {
          let calls = 0;
          return {
            learningRate: 0.1,
            slots: [],
            update: ({ value, gradient }, rate) => ({
              value: tf.sub(value, tf.mul(gradient, tf.div(rate, ++calls))),
              slots: [],
            }),
          };
        }),
        breaks: [FUNCTION, COMPILED],
      },
      {
        title: 'detects a decay that ignores the learning rate',
        plugin: optimizer({
          update: (tf, velocity, rate, value) => tf.sub(tf.mul(value, 0.99), tf.mul(velocity, rate)),
        }),
        breaks: [NO_RATE, NO_GRADIENT],
      },
      {
        title: 'detects an ascent',
        plugin: optimizer({ update: (tf, velocity, rate, value) => tf.add(value, tf.mul(velocity, rate)) }),
        breaks: [DESCENDS],
      },
      {
        title: 'detects a division by the length of a gradient',
        plugin: optimizer({
          update: (tf, velocity, rate, value) =>
            tf.sub(value, tf.mul(tf.div(velocity, tf.sqrt(tf.sum(tf.square(velocity)))), rate)),
        }),
        breaks: [FINITE, NO_GRADIENT],
      },
      {
        title: 'detects a leaked tensor',
        plugin: optimizer({
          update: (tf, velocity, rate, value) => (tf.keep(tf.clone(value)), tf.sub(value, tf.mul(velocity, rate))),
        }),
        breaks: [LEAKS],
      },
      {
        title: 'detects a learning rate that a compiled step would freeze',
        plugin: optimizer({
          update: (tf, velocity, rate, value) => tf.sub(value, tf.mul(velocity, rate.dataSync()[0]!)),
        }),
        breaks: [READS, COMPILED],
      },
    ],
    { valid: [{ options: {} }], invalid: [] },
  );
});
