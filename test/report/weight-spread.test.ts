import assert from 'node:assert/strict';
import type { RunRecord } from '@ssql/core';
import { averageSpreads, medianOfLargest } from '../../packages/core/src/report/weight-spread.js';

describe('the spread of weights', () => {
  // -100, -99, ..., 100, shuffled: each quantile of the 201 values is its own.
  const values = Float32Array.from({ length: 201 }, (_, index) => ((index * 80) % 201) - 100);

  it('has the quantiles of each convolution, in absolute units or in standard deviations', () => {
    const expected = { minimum: -100, low: -98, lowerQuartile: -50, upperQuartile: 50, high: 98, maximum: 100 };
    assert.deepEqual(averageSpreads([runOf({ conv1: values })], 'one').get('conv1'), {
      layer: 'conv1',
      ...expected,
      largest: 100,
    });
    const deviation = Math.sqrt((100 * 101) / 3); // of the integers from -n to n, n (n + 1) / 3 is the variance
    const relative = averageSpreads([runOf({ conv1: values })], 'deviation').get('conv1')!;
    for (const [name, value] of Object.entries(expected))
      assert.ok(Math.abs(relative[name as keyof typeof expected] - value / deviation) < 1e-9, name);
  });

  it('is the mean over runs, and its largest magnitude may be negative', () => {
    const spreads = averageSpreads([runOf({ a: [-3, 1], b: [0, 5] }), runOf({ a: [-5, 1], b: [0, 7] })], 'one');
    assert.equal(spreads.get('a')!.largest, 4);
    assert.equal(spreads.get('b')!.upperQuartile, 6);
    assert.equal(medianOfLargest(spreads), 5);
  });

  it('leaves out what is no convolution', () => {
    const linear = { name: 'fc.weight', shape: [2, 1], values: Float32Array.of(1, 2) };
    assert.equal(averageSpreads([{ weights: [linear] } as unknown as RunRecord], 'one').size, 0);
  });
});

function runOf(layers: { readonly [layer: string]: ArrayLike<number> }): RunRecord {
  const weights = Object.entries(layers).map(([layer, values]) => ({
    name: `${layer}.weight`,
    shape: [values.length, 1, 1, 1],
    values: Float32Array.from(values),
  }));
  return { weights } as unknown as RunRecord;
}
