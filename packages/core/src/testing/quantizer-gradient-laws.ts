import assert from 'node:assert/strict';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tensors } from '../engine/engine.js';
import { assertFinite } from './assertions.js';
import { assertDerivative } from './finite-differences.js';
import {
  gradientsOf,
  liveRange,
  movedTensors,
  quantize,
  trainedTensors,
  widthsOf,
  type QuantizerLaw,
} from './quantizer-subject.js';
import { flat, normal, scattered } from './samples.js';

/** Laws of the gradient of every quantizer. */
export const QUANTIZER_GRADIENT_LAWS: readonly QuantizerLaw[] = Object.freeze<QuantizerLaw[]>([
  {
    name: 'its gradient is that of its surrogate',
    check(subject) {
      const { made, extra, engine } = subject;
      const { tf } = engine;
      for (const bits of widthsOf(extra)) {
        for (const { title, x, range } of scattered(tf, made.granularity, 10)) {
          const width = tf.scalar(bits);
          const dy = normal(tf, x.shape, 'upstream');
          const check = (trained: Tensors, what: string): void => {
            const surrogate = (x: Tensor) => (made.surrogate ? made.surrogate(x, range, width, trained) : tf.clone(x));
            const gradient = gradientsOf(subject, { x, dy, bits: width, range: () => range }, trained)['x'];
            assert.ok(gradient, 'x has no gradient');
            assertDerivative(tf, surrogate, { x, dy, gradient }, `at ${bits} bits (${title}${what})`);
          };
          check(trainedTensors(subject, x), '');
          if (made.trainables) check(movedTensors(subject, x, 0.6), ', trained tensors moved');
        }
      }
    },
  },
  {
    name: 'it is finite on constant and on zero input',
    check(subject) {
      const { engine, extra } = subject;
      for (const bits of widthsOf(extra)) {
        for (const { title, x } of flat(engine.tf)) {
          const dy = normal(engine.tf, x.shape, 'upstream');
          const observed = liveRange(subject, x);
          assertFinite(quantize(subject, x, observed, bits).dataSync(), `the value at ${bits} bits of ${title}`);
          for (const [what, range] of [
            ['a constant range', () => observed],
            ['a range of the live x', (x: typeof dy) => liveRange(subject, x)],
          ] as const) {
            const gradients = gradientsOf(subject, { x, dy, bits: engine.tf.scalar(bits), range });
            for (const [name, gradient] of Object.entries(gradients))
              assertFinite(
                gradient?.dataSync() ?? [],
                `the gradient of ${name} at ${bits} bits of ${title}, with ${what},`,
              );
          }
        }
      }
    },
  },
]);
