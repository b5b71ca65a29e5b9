import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { FeatureSets, SsqlError } from '@ssql/core';
import { linearProbe } from '../../packages/plugins/src/stage/linear-probe.js';
import { clouds } from './features.js';
import { onCpu } from './context.js';
import { makeRunStage } from './make-plugin.js';
import { stageRun } from './stage-run.js';

const NEAR = clouds({ train: 600, test: 300 }, 5, 0.1);
const WIDE = clouds({ train: 600, test: 300 }, 5, 1);
/** The near clouds with every feature turned around: a head of theirs is wrong about them. */
const MIRRORED: FeatureSets = {
  train: { ...NEAR.train, values: NEAR.train.values.map((value) => -value) },
  test: { ...NEAR.test, values: NEAR.test.values.map((value) => -value) },
};

async function probe(
  features: { readonly [precision: string]: FeatureSets },
  options: object = {},
  seed = 1,
): Promise<number[]> {
  const precisions = Object.keys(features);
  const run = await stageRun(features, 5, seed);
  await (await makeRunStage(linearProbe, { precisions, batch: 64, ...options })).run(run.context);
  assert.deepEqual(
    run.evaluations.map(({ value: _, ...rest }) => rest),
    precisions.map((precision) => ({
      stage: 'linear-probe',
      precision,
      classifier: 'classifier' in options ? options.classifier : 'matched',
      metric: 'accuracy',
    })),
  );
  return run.evaluations.map(({ value }) => value);
}

describe('linear-probe', () => {
  onCpu();

  it('tells clouds apart, and mixed ones as well as they can be', async () => {
    const [near, wide] = await probe({ float: NEAR, w4a4: WIDE });
    assert.equal(near, 100);
    assert.ok(wide! > 60 && wide! < 99, String(wide));
  });

  it('trains at each precision, or once on float features', async () => {
    assert.deepEqual(await probe({ float: NEAR, w4a4: MIRRORED }), [100, 100]);
    const [float, quantized] = await probe({ float: NEAR, w4a4: MIRRORED }, { classifier: 'float' });
    assert.equal(float, 100);
    assert.ok(quantized! < 50, String(quantized));
  });

  it('learns by the rates of the paper as well', async () => {
    const options = { epochs: 20, lr: 0.01, milestones: [12, 16], standardize: false, weightDecay: 1e-4 };
    assert.ok((await probe({ float: NEAR }, options))[0]! > 99);
  });

  it('is a function of the seed', async () => {
    const few = { epochs: 1, lr: 0.3, standardize: false };
    assert.deepEqual(await probe({ float: WIDE }, few), await probe({ float: WIDE }, few));
    assert.notDeepEqual(await probe({ float: WIDE }, few), await probe({ float: WIDE }, few, 2));
  });

  it('descends as a hand-written loop on one batch does', async () => {
    // Four examples of one feature and two classes, all in each batch: three steps of momentum, from zero.
    const examples = { values: new Float32Array([-2, -1, 1, 3]), dimension: 1, labels: new Uint8Array([0, 0, 1, 1]) };
    let [w, b, vw, vb] = [0, 0, 0, 0]; // of class 1; class 0 has the opposite
    for (let step = 0; step < 3; step++) {
      const errors = [...examples.values].map((x, i) => 1 / (1 + Math.exp(-2 * (w * x + b))) - examples.labels[i]!);
      vw = 0.9 * vw + errors.reduce((sum, error, i) => sum + error * examples.values[i]!, 0) / 4 + 0.1 * w;
      vb = 0.9 * vb + errors.reduce((sum, error) => sum + error, 0) / 4 + 0.1 * b;
      const rate = 0.5 * (step === 2 ? 0.1 : 1);
      [w, b] = [w - rate * vw, b - rate * vb];
    }
    const boundary = -b / w;
    const test = {
      values: new Float32Array([boundary - 1e-4, boundary + 1e-4]),
      dimension: 1,
      labels: new Uint8Array([0, 1]),
    };
    const options = { epochs: 3, batch: 99, lr: 0.5, milestones: [2], standardize: false, weightDecay: 0.1 };
    const run = await stageRun({ float: { train: examples, test } }, 2);
    await (await makeRunStage(linearProbe, { precisions: ['float'], ...options })).run(run.context);
    assert.equal(run.evaluations[0]!.value, 100, `the boundary is not at ${boundary}`);
  });

  it('says that it diverged', async () => {
    const huge = { ...NEAR, train: { ...NEAR.train, values: NEAR.train.values.map((value) => value * 1e30) } };
    await assert.rejects(
      probe({ float: huge }, { lr: 1e30, standardize: false }),
      (error: SsqlError) => error.code === 'PROBE_DIVERGED',
    );
  });

  it('frees its tensors, when it fails too, and stops when asked to', async () => {
    const tensors = tf.memory().numTensors;
    const run = await stageRun({ float: NEAR }, 5);
    const stage = await makeRunStage(linearProbe, { precisions: ['float'] });
    await stage.run(run.context);
    assert.equal(tf.memory().numTensors, tensors);
    assert.match(run.progress.at(-1)!, /^linear probe float (\d+)\/\1$/);
    const stopped = { ...run.context, progress: () => Promise.reject(new Error('stopped')) };
    await assert.rejects(stage.run(stopped), /stopped/);
    assert.equal(tf.memory().numTensors, tensors);
  });

  it('refuses what is no precision', async () => {
    const stage = await makeRunStage(linearProbe, { precisions: ['w0a8'] });
    await assert.rejects(
      stage.run((await stageRun({}, 5)).context),
      (error: SsqlError) => error.code === 'PRECISION_INVALID',
    );
  });
});
