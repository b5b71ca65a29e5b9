import assert from 'node:assert/strict';
import { growthOf } from '../../bench/memory.js';

describe('the growth of memory', () => {
  it('is that of the median from the second quarter of the steps to the last', () => {
    const quarters = [
      [100, 300, 900, 500],
      [500, 500, 900, 500],
      [500, 100, 900, 500],
      [750, 750, 100, 750],
    ];
    assert.deepEqual(growthOf(quarters.flat()), { settled: 500, last: 750, growth: 0.5 });
  });

  it('is unknown after too few steps', () => {
    assert.equal(growthOf([500, 500, 500]).growth, NaN);
  });
});
