import assert from 'node:assert/strict';
import { assertFinite } from './assertions.js';
import { assertDerivative } from './finite-differences.js';
import { gradientsOf, liveRange, trainedTensors, quantize, widthsOf, type QuantizerLaw } from './quantizer-subject.js';
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
          const trained = trainedTensors(subject, x);
          const width = tf.scalar(bits);
          const surrogate = (x: Parameters<typeof quantize>[1]) =>
            made.surrogate ? made.surrogate(x, range, width, trained) : tf.clone(x);
          const dy = normal(tf, x.shape, 'upstream');
          const gradient = gradientsOf(subject, { x, dy, bits: width, range: () => range })['x'];
          assert.ok(gradient, 'x has no gradient');
          assertDerivative(tf, surrogate, { x, dy, gradient }, `at ${bits} bits (${title})`);
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
  {
    name: 'every tensor that it trains gets a finite gradient',
    check(subject) {
      const { tf } = subject.engine;
      for (const bits of widthsOf(subject.extra)) {
        for (const { title, x, range } of scattered(tf, subject.made.granularity, 16)) {
          const dy = normal(tf, x.shape, 'upstream');
          const { x: _, ...gradients } = gradientsOf(subject, { x, dy, bits: tf.scalar(bits), range: () => range });
          const shapes = subject.made.trainables?.(x.shape, subject.extra.operand ?? 'weights') ?? {};
          for (const [name, gradient] of Object.entries(gradients)) {
            assert.ok(gradient, `${name} has no gradient at ${bits} bits (${title})`);
            assert.deepEqual(gradient.shape, [...shapes[name]!.shape], `the shape of the gradient of ${name}`);
            assertFinite(gradient.dataSync(), `the gradient of ${name} at ${bits} bits (${title})`);
          }
        }
      }
    },
  },
]);
