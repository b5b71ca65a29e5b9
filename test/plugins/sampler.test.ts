import assert from 'node:assert/strict';
import { random, type Precision } from '@ssql/core';
import { uniformPerStep } from '../../packages/plugins/src/sampler/uniform-per-step.js';
import { context } from './context.js';

const SETS = { weights: [2, 3, 4, 5, 6, 7, 8], activations: [4, 5, 6, 7, 8] };

describe('sampler uniform-per-step', () => {
  it('draws every pair of bits equally often', async () => {
    const sampler = await uniformPerStep.create({}, context);
    const counts = new Map<string, number>();
    const steps = 35_000;
    for (let step = 0; step < steps; step++) {
      const { weights, activations } = sampler.draw(random(1, 'bits', step), SETS, { step, epoch: 0 });
      const key = `${weights},${activations}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    assert.equal(counts.size, 35);
    // Expected 1000 each, standard deviation 31: chi-squared over 34 degrees of freedom stays below 80 but once in 10^5.
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    assert.ok(chiSquared < 80, `chi-squared is ${chiSquared}`);
  });

  it('is a function of the stream, and leaves a side without bits float', async () => {
    const sampler = await uniformPerStep.create({}, context);
    const draw = (activations: readonly number[]): Precision =>
      sampler.draw(random(1, 'bits', 5), { ...SETS, activations }, { step: 5, epoch: 0 });
    assert.deepEqual(draw([4, 5]), draw([4, 5]));
    assert.equal(draw([]).activations, 'float');
  });
});
