import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { stopGradient, type Branch, type Branches, type WrappedMethod } from '@ssql/core';
import { none } from '../../packages/plugins/src/wrapper/none.js';
import { qat } from '../../packages/plugins/src/wrapper/qat.js';
import { rssql } from '../../packages/plugins/src/wrapper/rssql.js';
import { sandwich } from '../../packages/plugins/src/wrapper/sandwich.js';
import { ssql } from '../../packages/plugins/src/wrapper/ssql.js';
import { context, onCpu } from './context.js';

/** A method that no wrapper has seen: three views, a bare tensor online, and the squared distance to the third view's features. */
const toy: WrappedMethod<readonly tf.Tensor2D[], tf.Tensor2D> = {
  online: (branch, views) => views.map((view) => branch.encode(view)),
  targets: ([, , third]) => stopGradient(third!),
  loss: ([first], target) => tf.mean(tf.square(tf.sub(first!, target))),
};

const views = [1, 2, 4].map((value) => tf.fill([1, 1, 1, 1], value) as tf.Tensor4D);

describe('wrapper ssql', () => {
  onCpu();

  it('averages the losses of the float and the quantized branch against the float targets', async () => {
    const { calls, branches } = record(tf.scalar(1));
    const wrapper = await ssql.create({ floatLoss: true }, context);
    const { loss, parts, online } = wrapper.objective(toy, branches, views);
    assert.equal(wrapper.precisions, 1);
    // Float features are the views, quantized ones half of them: (1 - 4)^2 and (0.5 - 4)^2.
    assert.equal(parts['float']!.dataSync()[0], 9);
    assert.equal(parts['quantized']!.dataSync()[0], 12.25);
    assert.equal(loss.dataSync()[0], (9 + 12.25) / 2);
    assert.deepEqual(
      online.map((features) => features.dataSync()[0]),
      [1, 2, 4],
    );
    assert.deepEqual(calls, ['float', 'float', 'float', 'quantized 0', 'quantized 0', 'quantized 0']);
  });

  it('sends gradient through both branches, and through the quantized one alone without the float loss', async () => {
    const gradient = async (floatLoss: boolean): Promise<number | undefined> => {
      const wrapper = await ssql.create({ floatLoss }, context);
      const loss = (weight: tf.Tensor): tf.Tensor => wrapper.objective(toy, record(weight).branches, views).loss;
      return tf.grad(loss)(tf.scalar(1)).dataSync()[0];
    };
    // d/dw of (w - 4)^2 and of (w/2 - 4)^2 at w = 1.
    assert.equal(await gradient(false), -3.5);
    assert.equal(await gradient(true), (-6 - 3.5) / 2);
  });
});

describe('wrapper rssql', () => {
  onCpu();

  it('compares the float branch with the targets of the quantized one, and sends gradient through the former alone', async () => {
    const { calls, branches } = record(tf.scalar(1));
    const wrapper = await rssql.create({}, context);
    const { loss, online } = wrapper.objective(toy, branches, views);
    assert.equal(wrapper.precisions, 1);
    // The float feature of the first view is 1, the quantized one of the third half of 4.
    assert.equal(loss.dataSync()[0], 1);
    assert.deepEqual(
      online.map((features) => features.dataSync()[0]),
      [1, 2, 4],
    );
    assert.deepEqual(calls.slice(0, 3), ['float', 'float', 'float']);
    assert.deepEqual(calls.slice(3), ['target 0', 'target 0', 'target 0']);
    const lossAt = (weight: tf.Tensor): tf.Tensor => wrapper.objective(toy, record(weight).branches, views).loss;
    // d/dw of (w - 2)^2 at w = 1: the targets are constants.
    assert.equal(tf.grad(lossAt)(tf.scalar(1)).dataSync()[0], -2);
  });
});

describe('wrapper sandwich', () => {
  onCpu();

  it('is the mean of the float loss and of the losses at the most, the fewest and random bits', async () => {
    const { calls, branches } = record(tf.scalar(1), (index) => [0.5, 0.25, 0][index]!);
    const wrapper = await sandwich.create({ random: 1 }, context);
    const { loss, parts } = wrapper.objective(toy, branches, views);
    assert.deepEqual(wrapper.precisions, ['max', 'min', 'random']);
    // The target is the third view, 4; the features of the first are 1, 0.5, 0.25 and 0.
    assert.deepEqual(
      Object.entries(parts).map(([name, part]) => [name, part.dataSync()[0]]),
      [
        ['float', 3 ** 2],
        ['max', 3.5 ** 2],
        ['min', 3.75 ** 2],
      ],
    );
    assert.equal(loss.dataSync()[0], (3 ** 2 + 3.5 ** 2 + 3.75 ** 2 + 4 ** 2) / 4);
    const branchesUsed = ['float', 'quantized 0', 'quantized 1', 'quantized 2'];
    assert.deepEqual(calls, branchesUsed.flatMap((branch) => [branch, branch, branch])); // prettier-ignore
  });
});

describe('wrapper qat', () => {
  onCpu();

  it('is the loss of the quantized branch against its own targets, and sends gradient through that branch alone', async () => {
    const { calls, branches } = record(tf.scalar(1));
    const wrapper = await qat.create({}, context);
    const { loss, parts, online } = wrapper.objective(toy, branches, views);
    assert.equal(wrapper.precisions, 1);
    // The quantized feature of the first view is 0.5, that of the third 2.
    assert.equal(loss.dataSync()[0], 2.25);
    assert.equal(parts['quantized']!.dataSync()[0], 2.25);
    assert.deepEqual(
      online.map((features) => features.dataSync()[0]),
      [1, 2, 4],
    );
    assert.deepEqual(calls, ['float', 'float', 'float', 'quantized 0', 'quantized 0', 'quantized 0']);
    const lossAt = (weight: tf.Tensor): tf.Tensor => wrapper.objective(toy, record(weight).branches, views).loss;
    // d/dw of (w/2 - 2)^2 at w = 1: the targets are constants.
    assert.equal(tf.grad(lossAt)(tf.scalar(1)).dataSync()[0], -1.5);
  });
});

describe('wrapper none', () => {
  onCpu();

  it("is the method's float loss, and runs no quantized branch", async () => {
    const { calls, branches } = record(tf.scalar(1));
    const wrapper = await none.create({}, context);
    assert.equal(wrapper.precisions, 0);
    assert.equal(wrapper.objective(toy, branches, views).loss.dataSync()[0], 9);
    assert.deepEqual(calls, ['float', 'float', 'float']);
  });
});

/** Branches that multiply by a weight, and note their passes. Targets come from the first pass: `third` is the weight times 4. */
function record(
  weight: tf.Tensor,
  factorOf: (index: number) => number = () => 0.5,
): { readonly calls: readonly string[]; readonly branches: Branches } {
  const calls: string[] = [];
  const branch = (name: string, factor: number): Branch => ({
    encode(images) {
      calls.push(name);
      return tf.mul(tf.reshape<tf.Rank.R2>(images, [1, 1]), tf.mul(weight, factor));
    },
    head: (_, features) => features,
  });
  return {
    calls,
    branches: {
      float: branch('float', 1),
      quantized: (index) => branch(`quantized ${index}`, factorOf(index)),
      quantizedTarget: (index) => branch(`target ${index}`, 0.5),
    },
  };
}
