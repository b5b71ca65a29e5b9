import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { execute, NO_HOOKS } from '../../packages/core/src/nn/execute.js';
import { context, onCpu } from '../plugins/context.js';

describe('a max pool with padding', () => {
  onCpu();

  it('takes the largest value of the image, also where all are negative', () => {
    const unused = (): never => assert.fail('a max pool reads no parameter');
    const nn = execute(context, { parameter: unused, normalization: unused, sites: NO_HOOKS });
    const x = tf.tensor4d([-1, -2, -3, -4, -5, -6, -7, -8, -9], [1, 3, 3, 1]);
    const pooled = nn.maxPool(x, { size: 3, stride: 2, padding: 1 });
    assert.deepEqual([...pooled.dataSync()], [-1, -2, -4, -5]);
  });
});
