import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { runPipeline } from '@ssql/core/run';
import { loadSmall, runOptions } from './cpu-pipeline.js';

const stages = (...precisions: readonly string[]) => [{ use: 'knn', with: { precisions, k: 5 } }];
const mse = { observer: 'mse' };

describe('calibrations of a pipeline', function () {
  this.timeout(120_000);
  let folder: string;
  before(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-calibrations-'))));
  after(() => rmSync(folder, { recursive: true }));

  const run = async (change: object) => {
    const loaded = await loadSmall(folder, {
      data: { use: 'digits', with: { test: 9900 } },
      backbone: { use: 'resnet18', with: { stem: 'cifar', stemStride: 4, width: 2, blocks: [1] } },
      train: { epochs: 1, batch: 50 },
      ...change,
    });
    const { runs } = await runPipeline(loaded, { ...runOptions(folder), resume: true });
    const values = runs[0]!.evaluations.map(({ precision, value }) => [precision, value] as const);
    return { values: new Map(values), folder: runs[0]!.folder };
  };

  it('give results of their own, of one training', async () => {
    const images = { samples: 100, batch: 100 };
    const plain = await run({ evaluation: { test: 'train', calibration: images }, stages: stages('float', 'w2a2') });
    const weights = readFileSync(join(plain.folder, 'weights.safetensors'));
    const calibrations = { clipped: { weights: mse, activations: mse }, few: { samples: 2 } };
    const both = await run({
      evaluation: { test: 'train', calibration: images, calibrations },
      stages: stages('float', 'w2a2', 'w2a2@clipped', 'w2a2@few'),
    });
    const clipped = await run({
      evaluation: { test: 'train', calibration: { ...images, weights: mse, activations: mse } },
      stages: stages('float', 'w2a2'),
    });
    assert.deepEqual([both.folder, clipped.folder], [plain.folder, plain.folder]);
    assert.deepEqual(readFileSync(join(plain.folder, 'weights.safetensors')), weights, 'nothing is trained again');
    for (const { values } of [both, clipped]) assert.equal(values.get('float'), plain.values.get('float'));
    assert.equal(both.values.get('w2a2'), plain.values.get('w2a2'));
    assert.equal(both.values.get('w2a2@clipped'), clipped.values.get('w2a2'));
    assert.equal(new Set(['w2a2', 'w2a2@clipped', 'w2a2@few'].map((each) => both.values.get(each))).size, 3);

    const saved = parse(readFileSync(join(plain.folder, 'pipeline.yaml'), 'utf8')) as { readonly evaluation: object };
    assert.deepEqual(Object.keys(saved.evaluation), ['test', 'calibration', 'assigner']);
  });
});
