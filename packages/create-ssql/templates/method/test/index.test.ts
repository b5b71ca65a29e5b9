import assert from 'node:assert/strict';
import { openEngine } from '@ssql/core';
import { MethodTester } from '@ssql/core/testing';
import { method } from '../src/index.js';

MethodTester.run(method, {
  valid: [{ options: { hidden: 16, dim: 8 } }, { options: { hidden: 16, dim: 8, temperature: 0.1 } }],
  invalid: [
    { options: { temperature: 0 }, code: 'OUT_OF_RANGE' },
    { options: { dim: 1.5 }, code: 'WRONG_TYPE' },
  ],
});

describe('its loss', () => {
  it('is log(2N - 1) if all features are equal, because all candidates are equally likely', async () => {
    const engine = await openEngine({ use: 'cpu' });
    const { tf, ops } = engine;
    const context = { tf, ops, folder: '.', seed: 0, needs: {} };
    const { loss } = await method.create({ hidden: 1, dim: 3, temperature: 0.5 }, context);
    const features = tf.ones([4, 3]);
    const [value] = loss([features, features], [features, features]).dataSync();
    assert.ok(Math.abs(value! - Math.log(7)) < 1e-5, `${value} is not log 7`);
    engine.close();
  });
});
