import assert from 'node:assert/strict';
import { byol } from '../../packages/plugins/src/method/byol.js';
import { onCpu } from './context.js';
import { make } from './make-plugin.js';

const at = (step: number) => ({ epoch: 0, epochs: 2, step, stepsPerEpoch: 5 });

describe('method byol', () => {
  onCpu();

  it('raises its momentum to 1 as in section 3.2, or keeps it', async () => {
    const rising = await make(byol, { momentum: 0.9 });
    assert.deepEqual(
      [0, 5, 10].map((step) => rising.momentum!(at(step)).toFixed(6)),
      ['0.900000', '0.950000', '1.000000'],
    );
    const constant = await make(byol, { momentum: 0.9, momentumSchedule: 'constant' });
    assert.deepEqual(
      [0, 5, 10].map((step) => constant.momentum!(at(step))),
      [0.9, 0.9, 0.9],
    );
  });

  it("multiplies the predictor's learning rate by `predictorLr`", async () =>
    assert.deepEqual((await make(byol, { predictorLr: 10 })).learningRates, { predictor: 10 }));
});
