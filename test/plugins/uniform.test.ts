import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { minmax } from '../../packages/plugins/src/observer/minmax.js';
import { uniform } from '../../packages/plugins/src/quantizer/uniform.js';
import { itIsOfficial, onTfjs } from '../parity/it-is-official.js';
import { uniformActivationCases, uniformOtherCases, uniformWeightCases } from '../parity/uniform.js';
import { context, onCpu } from './context.js';

describe('quantizer uniform', () => {
  onCpu();

  itIsOfficial('a_uniform_weight.json', uniformWeightCases, () => onTfjs);
  itIsOfficial('a_uniform_activation.json', uniformActivationCases, () => onTfjs);
  itIsOfficial('a_uniform_other.json', uniformOtherCases, () => onTfjs);

  it('passes x and its gradient through where a range is empty, and stays finite', async () => {
    for (const symmetric of [true, false]) {
      const quantizer = await uniform.create({ symmetric, granularity: 'channel', powerOfTwo: false }, context);
      const observer = await minmax.create({}, context);
      const x = tf.tensor2d([0, 1, 0, -3], [2, 2]);
      const quantize = (x: tf.Tensor): tf.Tensor =>
        quantizer.fakeQuantize(x, observer.range(observer.observe(x, 'channel'), tf.scalar(4)), tf.scalar(4));
      assert.deepEqual([...quantize(x).dataSync()], [0, 1, 0, -3]);
      assert.deepEqual([...tf.grad(quantize)(x).dataSync()], [1, 1, 1, 1]);
    }
  });
});
