import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { FeatureSets, SsqlError } from '@ssql/core';
import { knn } from '../../packages/plugins/src/stage/knn.js';
import { clouds } from './features.js';
import { onCpu } from './context.js';
import { makeRunStage } from './make-plugin.js';
import { stageRun } from './stage-run.js';

const WIDE = clouds({ train: 500, test: 300 }, 5, 0.8);

async function classify(
  features: { readonly [precision: string]: FeatureSets },
  options: object = {},
): Promise<number[]> {
  const run = await stageRun(features, 5);
  await (await makeRunStage(knn, { precisions: Object.keys(features), ...options })).run(run.context);
  for (const evaluation of run.evaluations)
    assert.deepEqual([evaluation.stage, evaluation.metric], ['knn', 'accuracy']);
  return run.evaluations.map(({ value }) => value);
}

/** The same by the definition, one image at a time. */
function byDefinition({ train, test }: FeatureSets, k: number, temperature: number): number {
  const row = ({ values, dimension }: FeatureSets['train'], index: number): Float32Array =>
    values.subarray(index * dimension, (index + 1) * dimension);
  const dot = (one: Float32Array, other: Float32Array): number =>
    one.reduce((sum, value, index) => sum + value * other[index]!, 0);
  let right = 0;
  test.labels!.forEach((label, index) => {
    const query = row(test, index);
    const neighbours = Array.from(train.labels!, (other, position) => {
      const example = row(train, position);
      return { label: other, cosine: dot(query, example) / Math.sqrt(dot(query, query) * dot(example, example)) };
    });
    neighbours.sort((one, other) => other.cosine - one.cosine);
    const votes = [0, 0, 0, 0, 0];
    for (const neighbour of neighbours.slice(0, k)) votes[neighbour.label]! += Math.exp(neighbour.cosine / temperature);
    if (votes.indexOf(Math.max(...votes)) === label) right++;
  });
  return Math.round((10000 * right) / test.labels!.length) / 100;
}

describe('knn', () => {
  onCpu();

  it('is the weighted vote by its definition', async () => {
    for (const [k, temperature] of [
      [20, 0.1],
      [200, 0.07],
      [1, 1],
      [500, 0.5],
    ] as const) {
      assert.deepEqual(
        await classify({ w4a4: WIDE }, { k, temperature }),
        [byDefinition(WIDE, k, temperature)],
        `k ${k}`,
      );
    }
  });

  it('has the temperature of the paper by default', async () => {
    const narrow = clouds({ train: 60, test: 300 }, 5, 1.2); // overlapping, so that the temperature decides
    const [paper, other] = [byDefinition(narrow, 20, 0.07), byDefinition(narrow, 20, 0.1)];
    assert.notEqual(paper, other);
    assert.deepEqual(await classify({ float: narrow }), [paper]);
  });

  it('does not overflow at a small temperature', async () => {
    assert.deepEqual(await classify({ float: WIDE }, { k: 20, temperature: 1e-4 }), [byDefinition(WIDE, 1, 1)]);
  });

  it('takes neighbours of the same precision, or float ones', async () => {
    const negated = (features: FeatureSets['train']) => ({
      ...features,
      values: features.values.map((value) => -value),
    });
    const mirrored = { train: negated(WIDE.train), test: negated(WIDE.test) };
    const [float, matched] = await classify({ float: WIDE, w4a4: mirrored });
    assert.equal(matched, float);
    const crossed = await classify({ float: WIDE, w4a4: mirrored }, { classifier: 'float' });
    assert.deepEqual(crossed, [float, byDefinition({ train: WIDE.train, test: mirrored.test }, 20, 0.07)]);
  });

  it('refuses more neighbours than images', async () => {
    await assert.rejects(classify({ float: WIDE }, { k: 501 }), (error: SsqlError) => error.code === 'KNN_IMPOSSIBLE');
  });

  it('frees its tensors, when it fails too, and stops when asked to', async () => {
    const tensors = tf.memory().numTensors;
    const run = await stageRun({ float: WIDE }, 5);
    const stage = await makeRunStage(knn, { precisions: ['float'] });
    await stage.run(run.context);
    assert.equal(run.progress.at(-1), 'knn float 300/300');
    await assert.rejects(
      stage.run({ ...run.context, progress: () => Promise.reject(new Error('stopped')) }),
      /stopped/,
    );
    assert.equal(tf.memory().numTensors, tensors);
  });
});
