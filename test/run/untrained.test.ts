import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planPipeline, runPipeline } from '@ssql/core/run';
import { renderReport, type RunRecord } from '@ssql/core';
import { loadSmall, runOptions } from './cpu-pipeline.js';

const STAGES = [{ use: 'knn', with: { precisions: ['float', 'w2a2'], k: 5 } }];

describe('a pipeline without epochs', function () {
  this.timeout(120_000);
  let folder: string;
  before(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-untrained-'))));
  after(() => rmSync(folder, { recursive: true }));

  const load = (name: string, change: object) =>
    loadSmall(folder, {
      name,
      data: { use: 'digits', with: { test: 9900 } },
      backbone: { use: 'resnet18', with: { stem: 'cifar', stemStride: 4, width: 2, blocks: [1] } },
      evaluation: { test: 'train', calibration: { samples: 100, batch: 100 } },
      train: { epochs: 0, batch: 50 },
      stages: STAGES,
      ...change,
    });
  const run = async (name: string, change: object = {}): Promise<RunRecord> =>
    (await runPipeline(await load(name, change), runOptions(folder))).runs[0]!;
  const values = ({ evaluations }: Pick<RunRecord, 'evaluations'>) =>
    evaluations.map(({ precision, value }) => [precision, value]);

  it('measures the initial weights, also by the monitor, and writes no checkpoint', async () => {
    const loaded = await load('random', { monitor: { stages: STAGES } });
    const planned = await planPipeline(loaded, runOptions(folder));
    assert.deepEqual(
      planned.runs[0]!.phases.map(({ name, state, steps }) => [name, state, steps]),
      [
        ['pretrain', 'to run', { done: 0, total: 0 }],
        ['knn', 'to run', undefined],
      ],
    );
    const untrained = await run('random', { monitor: { stages: STAGES } });
    assert.deepEqual(readdirSync(join(untrained.folder, 'checkpoints')), []);
    assert.deepEqual([untrained.metrics, untrained.quantized], [[], false]);
    assert.deepEqual(
      untrained.monitored.map(({ step, epochs }) => [step, epochs]),
      [[0, 0]],
    );
    assert.equal(values(untrained).length, 2);
    assert.deepEqual(values(untrained.monitored[0]!), values(untrained));
    assert.match(await renderReport([untrained], { title: 'a' }), /was not trained/);

    const again = await planPipeline(loaded, runOptions(folder));
    assert.ok(
      again.runs[0]!.phases.every(({ state }) => state === 'finished'),
      'it is finished',
    );
  });

  it('measures given weights as the run that trained them does', async () => {
    const trained = await run('trained', { train: { epochs: 1, batch: 50 } });
    const initial = { weights: join(trained.folder, 'weights.safetensors'), ignore: ['projector.*', 'predictor.*'] };
    const measured = await run('given', { initial });
    assert.deepEqual(values(measured), values(trained));
    const weights = new Map(measured.weights.map(({ name, values }) => [name, values]));
    for (const { name, values } of trained.weights.filter(({ name }) => weights.has(name) && !/^p\w+or\./.test(name)))
      assert.deepEqual(weights.get(name), values, name);
  });

  it('has no tensors of quantizers: they are initialized in evaluation', async () => {
    const quantization = { wrap: 'ssql', weights: { quantizer: 'lsq' }, activations: { quantizer: 'lsq' } };
    const { weights } = await run('lsq', { quantization });
    assert.ok(weights.every(({ name }) => !name.startsWith('quantizer.')));
  });
});
