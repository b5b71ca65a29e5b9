import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openEngine, random, type Engine, type Quantizer } from '@ssql/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { apot } from '../src/index.js';
import { levelsOf } from '../src/levels.js';

type Settings = Parameters<typeof apot.create>[0];

describe('quantization to additive powers of two', () => {
  for (const use of ['cpu', 'wasm'] as const) {
    describe(`on ${use}`, () => {
      let engine: Engine;
      before(async () => {
        engine = await openEngine({ use });
      });
      after(() => engine.close());

      const quantizer = (options: Partial<Settings> = {}): Quantizer => {
        const settings: Settings = { signed: true, granularity: 'tensor', clip: 'range', ...options };
        // `create` of this plugin is not asynchronous.
        return apot.create(settings, { tf: engine.tf, ops: engine.ops, folder: '.', seed: 1, needs: {} }) as Quantizer;
      };
      const range = (min: number, max: number) => ({ min: engine.tf.scalar(min), max: engine.tf.scalar(max) });

      it('takes the nearest level, compared with a search over all levels', () => {
        const { tf } = engine;
        const source = random(1, 'values');
        const values = Array.from({ length: 500 }, () => 0.8 * source.normal());
        tf.tidy(() => {
          for (const signed of [true, false]) {
            for (let bits = 1; bits <= 8; bits += 1) {
              const made = quantizer({ signed });
              const quantized = made.fakeQuantize(tf.tensor1d(values), range(-1.5, 1.5), tf.scalar(bits)).dataSync();
              const levels = scaledLevels(bits, signed, 1.5);
              values.forEach((x, index) => {
                const error = Math.min(...levels.map((level) => Math.abs(level - x)));
                assert.ok(
                  levels.some((level) => Math.abs(level - quantized[index]!) < 1e-6),
                  `${quantized[index]} is not a level`,
                );
                assert.ok(
                  Math.abs(quantized[index]! - x) <= error + 1e-6,
                  `${x} becomes ${quantized[index]} at ${bits} bits`,
                );
              });
            }
          }
        });
      });

      it("has the paper's gradient of the clipping value", () => {
        const { tf } = engine;
        tf.tidy(() => {
          const x = tf.tensor1d([-3, -0.9, 0.1, 0.3, 2.5]);
          const made = quantizer({ clip: 'learned' });
          // The clipping value is factor * 2; at 3 bits the levels are 0, 1/4, 1/2 and 1 times it.
          const quantized = (factor: Tensor) => made.fakeQuantize(x, range(-2, 2), tf.scalar(3), { factor });
          const [dy, alpha] = [[1, 10, 100, 1000, 10_000], 2];
          const slope = [-1, -0.5 - -0.9 / alpha, 0 - 0.1 / alpha, 0.25 - 0.3 / alpha, 1];
          const gradient = tf
            .grad((factor) => tf.sum(tf.mul(quantized(factor), dy)))(tf.scalar(1))
            .dataSync()[0]!;
          const expected = alpha * slope.reduce((sum, value, index) => sum + value * dy[index]!, 0);
          assert.ok(Math.abs(gradient - expected) < 1e-5 * Math.abs(expected), `${gradient} instead of ${expected}`);
        });
      });

      it('clips at the factor times the range, per channel', () => {
        const { tf } = engine;
        tf.tidy(() => {
          const made = quantizer({ granularity: 'channel', clip: 'learned' });
          assert.deepEqual(made.trainables?.([3, 3, 16, 2], 'weights'), { factor: { shape: [2], initial: 1 } });
          const ends = { min: tf.tensor1d([-1, -4]), max: tf.tensor1d([1, 4]) };
          const factor = tf.tensor1d([0.5, 2]);
          const clipped = made.fakeQuantize(tf.tensor2d([[9, 9]]), ends, tf.scalar(4), { factor }).dataSync();
          assert.deepEqual([...clipped], [0.5, 8]);
        });
      });
    });
  }
});

function scaledLevels(bits: number, signed: boolean, alpha: number): readonly number[] {
  const levels = levelsOf(signed ? bits - 1 : bits);
  const largest = levels.at(-1)! || 1;
  const positive = levels.map((level) => (level / largest) * alpha);
  return signed ? [...positive, ...positive.map((level) => -level)] : positive;
}
