import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Augmentation, PreparedAugmentation } from '@ssql/core';
import { SsqlError } from '../../packages/core/src/errors.js';
import { prepareViews } from '../../packages/core/src/train/views.js';
import { onCpu } from '../plugins/context.js';

/** Adds `count` random numbers to an image. */
const adding = (count: number, evaluation = false): Augmentation => ({
  prepare: (input): PreparedAugmentation => ({
    output: input,
    draws: count,
    draw: (random) => Array.from({ length: count }, () => random.uniform()),
    apply: (images, drawn) => tf.add(images, tf.reshape(tf.sum(drawn, 1), [-1, 1, 1, 1])),
    evaluation,
  }),
});
const key = { seed: 1, epoch: 0, view: 0 };
const samples = Uint32Array.of(5, 9);

describe('views', () => {
  onCpu();

  it('give every augmentation separate random numbers, which depend only on seed, epoch, view and sample', () => {
    const views = prepareViews(tf, [adding(1), adding(0), adding(2)], [2, 2, 1], () => undefined);
    assert.equal(views.draws, 3);
    const drawn = views.draw(key, samples);
    assert.equal(drawn.length, 6);
    assert.deepEqual(views.draw(key, Uint32Array.of(9)), drawn.subarray(3));
    for (const other of [{ seed: 2 }, { epoch: 1 }, { view: 1 }])
      assert.notDeepEqual(views.draw({ ...key, ...other }, samples), drawn);
    const images = tf.fill<tf.Rank.R4>([2, 2, 2, 1], 255);
    const made = views.apply(images, tf.tensor2d(drawn, [2, 3])).dataSync();
    [0, 1].forEach((row) => {
      const expected = 1 + drawn[3 * row]! + drawn[3 * row + 1]! + drawn[3 * row + 2]!;
      assert.ok(Math.abs(made[4 * row]! - expected) < 1e-6);
    });
  });

  it('apply in evaluation only the steps marked for it', () => {
    const shift: Augmentation = {
      prepare: (input) => ({
        output: input,
        draws: 0,
        draw: () => [],
        apply: (x) => tf.sub(x, 0.5),
        evaluation: true,
      }),
    };
    const views = prepareViews(tf, [adding(2), shift], [1, 1, 1], () => undefined);
    const bytes = tf.tensor4d([0, 51], [2, 1, 1, 1]);
    assert.deepEqual(
      [...views.evaluate(bytes).dataSync()].map((value) => Math.round(1000 * value) / 1000),
      [-0.5, -0.3],
    );
  });

  it('prepare each augmentation for the output of the previous one, and locate an impossible one', () => {
    const halves: Augmentation = {
      prepare([height, width, channels]) {
        if (height < 2) throw new SsqlError('AUGMENTATION_IMPOSSIBLE', 'too small');
        return { output: [height / 2, width / 2, channels], draws: 0, draw: () => [], apply: (x) => x };
      },
    };
    assert.deepEqual(prepareViews(tf, [halves, halves], [4, 8, 3], () => undefined).shape, [1, 2, 3]);
    const location = { file: 'a.yaml', line: 1, column: 1, frame: '' };
    assert.throws(
      () => prepareViews(tf, [halves, halves, halves], [4, 4, 3], (index) => ({ ...location, line: index })),
      (error: unknown) => (error as SsqlError).details.location?.line === 2,
    );
  });
});
