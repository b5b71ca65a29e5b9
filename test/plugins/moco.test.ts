import assert from 'node:assert/strict';
import { random } from '@ssql/core';
import { moco } from '../../packages/plugins/src/method/moco.js';
import { onCpu } from './context.js';
import { make } from './make-plugin.js';

describe('method moco', () => {
  onCpu();

  it('keeps the share of the momentum encoder that its option states', async () =>
    assert.equal(
      (await make(moco, { momentum: 0.9 })).momentum!({ epoch: 1, epochs: 2, step: 5, stepsPerEpoch: 5 }),
      0.9,
    ));

  it('starts its queue with different keys of unit length', async () => {
    const { shape, initial } = (await make(moco, { queue: 5, dim: 4 })).memory!['queue']!;
    assert.deepEqual(shape, [5, 4]);
    const values = initial(random(1, 'queue'));
    const rows = Array.from({ length: 5 }, (_, row) => values.subarray(row * 4, (row + 1) * 4));
    for (const row of rows) assert.ok(Math.abs(Math.hypot(...row) - 1) < 1e-6);
    assert.equal(new Set(rows.map((row) => row.join())).size, 5);
  });
});
