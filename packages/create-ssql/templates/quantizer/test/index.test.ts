import assert from 'node:assert/strict';
import { openEngine } from '@ssql/core';
import { QuantizerTester } from '@ssql/core/testing';
import { quantizer } from '../src/index.js';

QuantizerTester.run(quantizer, {
  valid: [{ options: {} }, { options: { granularity: 'tensor' } }, { options: { perOctave: 2 } }],
  invalid: [
    { options: { granularity: 'row' }, code: 'OPTION_INVALID' },
    { options: { perOctave: 0 }, code: 'OUT_OF_RANGE' },
  ],
});

describe('its levels', () => {
  it('are zero and halves of the largest magnitude', async () => {
    const engine = await openEngine({ use: 'cpu' });
    const { tf, ops } = engine;
    const context = { tf, ops, folder: '.', seed: 0, needs: {} };
    const { fakeQuantize } = await quantizer.create({ granularity: 'tensor', perOctave: 1 }, context);
    const range = { min: tf.scalar(-0.5), max: tf.scalar(1) };
    const quantized = fakeQuantize(tf.tensor([1, 0.6, 0.3, 0.1, 0, -0.5]), range, tf.scalar(3));
    assert.deepEqual([...quantized.dataSync()], [1, 0.5, 0.25, 0, 0, -0.5]);
    engine.close();
  });
});
