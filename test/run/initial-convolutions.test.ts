import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planPipeline, readRun, runPipeline } from '@ssql/core/run';
import { loadSmall, runOptions } from './cpu-pipeline.js';

describe('the start of convolutions', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-initial-convolutions-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is part of how a run is trained, except for the default', async () => {
    const idWith = async (change: object): Promise<string> =>
      (await planPipeline(await loadSmall(folder, change), runOptions(folder))).runs[0]!.id;
    const before = await idWith({});
    assert.equal(await idWith({ initial: { convolutions: 'normal' } }), before);
    assert.notEqual(await idWith({ initial: { convolutions: 'uniform' } }), before);
  });

  it('reaches training', async () => {
    const change = {
      initial: { convolutions: 'uniform' },
      quantization: {},
      data: { use: 'digits', with: { test: 9990 } },
      optimizer: { use: 'sgd', with: { lr: 1e-9 } },
      train: { epochs: 1, batch: 10 }, // one step
      stages: [],
    };
    const results = await runPipeline(await loadSmall(folder, change), runOptions(folder));
    const { weights } = await readRun(results.runs[0]!.folder);
    const { shape, values } = weights.find(({ name }) => name === 'layer1.0.conv1.weight')!;
    const bound = 1 / Math.sqrt(shape[1]! * shape[2]! * shape[3]!);
    const most = Math.max(...values.map(Math.abs));
    assert.ok(0.9 * bound < most && most < bound + 1e-6, `maximum ${most}, bound ${bound}`);
  });
});
