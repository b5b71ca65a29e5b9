import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Augmentation, Dataset } from '@ssql/core';
import { guard } from '../../packages/core/src/container/guard.js';
import { onCpu } from '../plugins/context.js';

const PLACE = { name: 'mine', from: 'test', location: undefined } as const;

describe('checks of what plugins return', () => {
  onCpu();

  const applied = (apply: (images: tf.Tensor4D) => tf.Tensor4D) => {
    const augmentation: Augmentation = { prepare: (output) => ({ output, draws: 0, draw: () => [], apply }) };
    const guarded = guard(augmentation, { kind: 'augmentation', ...PLACE });
    return () => guarded.prepare([2, 2, 3]).apply(tf.zeros([4, 2, 2, 3]), tf.zeros([4, 0]));
  };

  it('accept an augmentation that draws no numbers', () =>
    assert.deepEqual(applied((images) => images)().shape, [4, 2, 2, 3]));

  it('refuse images with other channels than the augmentation says', () =>
    assert.throws(
      applied((images) => tf.mean(images, 3, true)),
      /\[4,2,2,1\].*\[4,2,2,3\]/,
    ));

  const labelled = (classes: readonly string[], label: number) => () => {
    const split = { size: 1, labels: Uint8Array.of(label), read: async () => new Uint8Array(1) };
    const data: Dataset = { name: 'mine', classes, shape: [1, 1, 1], train: split, test: split, fingerprint: 'a' };
    guard(data, { kind: 'data', ...PLACE });
  };

  it('accept labels below the number of classes, and only 0 without classes', () => {
    for (const classes of [[], ['one']]) {
      assert.doesNotThrow(labelled(classes, 0));
      assert.throws(labelled(classes, 1), /the label 1/);
    }
    assert.doesNotThrow(labelled(['one', 'two'], 1));
  });

  it('refuse original sizes that are not two for each image', async () => {
    const described = (sizes: readonly number[]) => {
      const split = {
        size: 1,
        read: async () => new Uint8Array(1),
        originalSizes: async () => Uint32Array.from(sizes),
      };
      const data: Dataset = {
        name: 'mine',
        classes: [],
        shape: [1, 1, 1],
        train: split,
        test: split,
        fingerprint: 'a',
      };
      return guard(data, { kind: 'data', ...PLACE }).train.originalSizes!([0]);
    };
    assert.deepEqual([...(await described([300_000, 0]))], [300_000, 0]);
    await assert.rejects(described([1]), /heights and widths of 1 images in a Uint32Array/);
  });
});
