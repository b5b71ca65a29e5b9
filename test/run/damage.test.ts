import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPipeline } from '@ssql/core/run';
import { SMALL } from '../cli/small-run.js';
import { loadSmall, runOptions } from './cpu-pipeline.js';

describe('a run that lost files', function () {
  this.timeout(120_000);
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-damage-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const KNN = { use: 'knn', with: { precisions: ['w4a4'], k: 5 } };
  const TERMS = { use: 'decomposition', with: { precisions: ['w4a4'], batches: 1 } };
  const SHORT = { engine: SMALL['engine'], train: { epochs: 1, batch: 50 }, stages: [KNN] };
  /** Runs the pipeline, and returns the folder of its only run. */
  const run = async (change: object = {}, options: object = {}): Promise<string> => {
    const loaded = await loadSmall(folder, { ...SHORT, ...change });
    return (await runPipeline(loaded, { ...runOptions(folder), ...options })).runs[0]!.folder;
  };
  for (const damage of ['deleted', 'damaged'] as const)
    it(`adds stages when its checkpoints are ${damage}`, async () => {
      const path = await run({ loggers: ['csv'] });
      const whole = readFileSync(join(path, 'evaluation.json'));
      const logged = readFileSync(join(path, 'metrics.csv'));
      await run({ stages: [] });
      rmSync(join(path, 'evaluation.json'));
      rmSync(join(path, 'finished.json'));
      // As after pretraining.
      writeFileSync(
        join(path, 'finished.json'),
        JSON.stringify({ run: true, phases: { pretrain: '' }, evaluations: {} }),
      );
      if (damage === 'deleted') rmSync(join(path, 'checkpoints'), { recursive: true });
      else writeFileSync(join(path, 'checkpoints', 'last.safetensors'), 'nothing');
      await run({ loggers: ['csv'] });
      assert.deepEqual(readFileSync(join(path, 'evaluation.json')), whole);
      assert.deepEqual(readFileSync(join(path, 'metrics.csv')), logged);
    });

  it('says which stages need a checkpoint: those that read the momentum encoder', async () => {
    const byol = { method: { use: 'byol', with: { dim: 8, hidden: 8, predictorHidden: 8 } } };
    const path = await run(byol);
    const stages = [KNN, TERMS];
    rmSync(join(path, 'checkpoints'), { recursive: true });
    await assert.rejects(run({ ...byol, stages }), { code: 'MOMENTUM_MISSING' });
    await run({ ...byol, stages: [KNN, { use: 'knn', with: { precisions: ['w2a4'], k: 5 } }] });
  });

  it('writes its weights again from its checkpoint, and refuses to lose both in silence', async () => {
    const path = await run();
    const weights = join(path, 'weights.safetensors');
    const before = [weights, join(path, 'evaluation.json'), join(path, 'metrics.ndjson')].map((file) =>
      readFileSync(file),
    );
    rmSync(weights);
    await run();
    const after = [weights, join(path, 'evaluation.json'), join(path, 'metrics.ndjson')].map((file) =>
      readFileSync(file),
    );
    assert.deepEqual(after, before);
    rmSync(weights);
    rmSync(join(path, 'checkpoints'), { recursive: true });
    await assert.rejects(run(), /WEIGHTS_MISSING|weights\.safetensors and its last checkpoint are gone/);
    assert.ok(existsSync(join(path, 'evaluation.json')));
  });
});
