import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Augmentation } from '@ssql/core';
import { random } from '../../packages/core/src/random.js';
import { oneOf } from '../../packages/plugins/src/augmentation/one-of.js';
import { randomApply } from '../../packages/plugins/src/augmentation/random-apply.js';
import { randomOrder } from '../../packages/plugins/src/augmentation/random-order.js';
import { onCpu } from './context.js';
import { make } from './make-plugin.js';

const step = (apply: (images: tf.Tensor4D) => tf.Tensor4D): Augmentation => ({
  prepare: (output) => ({ output, draws: 1, draw: (source) => [source.uniform()], apply }),
});
const double = step((x) => tf.mul(x, 2));
const plusOne = step((x) => tf.add(x, 1));
const SAMPLES = 2000;

/** How often each value comes out of images of threes. */
function outcomes(augmentation: Augmentation): Map<number, number> {
  const prepared = augmentation.prepare([1, 1, 1]);
  const drawn = Array.from({ length: SAMPLES }, (_, sample) => [...prepared.draw(random(1, 'held', sample))]);
  const images = tf.fill<tf.Rank.R4>([SAMPLES, 1, 1, 1], 3);
  const counts = new Map<number, number>();
  for (const value of prepared.apply(images, tf.tensor2d(drawn)).dataSync())
    counts.set(value, (counts.get(value) ?? 0) + 1 / SAMPLES);
  return counts;
}

function assertShares(counts: Map<number, number>, expected: { readonly [value: number]: number }): void {
  assert.deepEqual([...counts.keys()].sort((a, b) => a - b).map(String), Object.keys(expected));
  for (const [value, share] of Object.entries(expected))
    assert.ok(Math.abs(counts.get(Number(value))! - share) < 0.04, `${value}: ${counts.get(Number(value))}`);
}

describe('augmentations that hold others', () => {
  onCpu();

  it('random-apply applies all in order, or none', async () =>
    assertShares(outcomes(await make(randomApply, { of: [double, plusOne], p: 0.2 })), { 3: 0.8, 7: 0.2 }));

  it('one-of applies one, by its weight', async () => {
    assertShares(outcomes(await make(oneOf, { of: [double, plusOne] })), { 4: 0.5, 6: 0.5 });
    assertShares(outcomes(await make(oneOf, { of: [double, plusOne], weights: [3, 1] })), { 4: 0.25, 6: 0.75 });
  });

  it('random-order applies all, each order equally often', async () =>
    assertShares(outcomes(await make(randomOrder, { of: [double, plusOne] })), { 7: 0.5, 8: 0.5 }));

  it('random-order passes each its numbers, which follow those of the order', async () => {
    const drawing = (number: number): Augmentation => ({
      prepare: (output) => ({
        output,
        draws: 1,
        draw: () => [number],
        apply: (x, drawn) => tf.add(x, tf.reshape(drawn, [-1, 1, 1, 1])),
      }),
    });
    assertShares(outcomes(await make(randomOrder, { of: [drawing(10), drawing(100)] })), { 113: 1 });
  });
});
