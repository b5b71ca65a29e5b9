import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { sgd } from '../../packages/plugins/src/optimizer/sgd.js';
import { context, onCpu } from './context.js';

const DEFAULTS = { lr: 0.1, momentum: 0.9, weightDecay: 0, lrScale: {} };

describe('optimizer sgd', () => {
  onCpu();

  it("takes PyTorch's steps: d = g + wd p, v = m v + d, p = p - lr v", async () => {
    const optimizer = await sgd.create({ ...DEFAULTS, weightDecay: 0.5 }, context);
    assert.deepEqual(optimizer.slots, ['momentum']);
    let p = 2;
    let v = 0;
    let value: tf.Tensor = tf.tensor1d([2]);
    let slots: readonly tf.Tensor[] = [tf.zeros([1])];
    for (const g of [1, -3, 0.5]) {
      v = 0.9 * v + (g + 0.5 * p);
      p -= 0.1 * v;
      ({ value, slots } = optimizer.update(
        { name: 'w', value, gradient: tf.tensor1d([g]), slots },
        tf.scalar(0.1),
        tf.scalar(0),
      ));
      assert.ok(Math.abs(value.dataSync()[0]! - p) < 1e-6);
      assert.ok(Math.abs(slots[0]!.dataSync()[0]! - v) < 1e-6);
    }
  });

  it('keeps no slot without momentum', async () => {
    const optimizer = await sgd.create({ ...DEFAULTS, momentum: 0 }, context);
    assert.deepEqual(optimizer.slots, []);
    const step = optimizer.update(
      { name: 'w', value: tf.scalar(1), gradient: tf.scalar(2), slots: [] },
      tf.scalar(0.5),
      tf.scalar(0),
    );
    assert.equal(step.value.dataSync()[0], 0);
    assert.deepEqual(step.slots, []);
  });

  it('scales the rate of the parameters that a glob names, and of no others', async () => {
    const lrScale = { 'predictor.*': 10, '*.bias': 2, 'layer{1,2}.*.conv2.weight': 0 };
    const optimizer = await sgd.create({ ...DEFAULTS, lrScale }, context);
    const moved = (name: string): number => {
      const parameter = { name, value: tf.scalar(0), gradient: tf.scalar(-1), slots: [tf.scalar(0)] };
      return optimizer.update(parameter, tf.scalar(1), tf.scalar(0)).value.dataSync()[0]!;
    };
    assert.equal(moved('conv1.weight'), 1);
    assert.equal(moved('predictor.0.weight'), 10);
    assert.equal(moved('predictor.3.bias'), 20);
    assert.equal(moved('bn1.bias'), 2);
    assert.equal(moved('layer2.0.conv2.weight'), 0);
    assert.equal(moved('layer3.0.conv2.weight'), 1);
    assert.equal(moved('my-predictor.0.weight'), 1);
  });
});
