import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planPipeline, type PlannedRun } from '@ssql/core/run';
import { loadSmall, runOptions } from './cpu-pipeline.js';

describe('the phases of a run', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-phases-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const stages = [{ use: 'knn', with: { precisions: ['w4a4'], k: 5 } }];
  const plan = async (change: object = {}): Promise<PlannedRun> => {
    const { runs } = await planPipeline(await loadSmall(folder, { stages, ...change }), runOptions(folder));
    return runs[0]!;
  };

  it('are all run again if pretraining is, also a stage that finished', async () => {
    const { folder: path, phases } = await plan();
    const [pretrain, knn] = phases.map(({ fingerprint }) => fingerprint);
    const statesWith = async (finished: object): Promise<readonly string[]> => {
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, 'weights.safetensors'), ''); // a finished run has weights
      const progress = { run: true, trainingFingerprint: pretrain, phases: finished, evaluations: {} };
      writeFileSync(join(path, 'finished.json'), JSON.stringify(progress));
      return (await plan()).phases.map(({ state }) => state);
    };
    assert.deepEqual(await statesWith({ pretrain, 'stage knn': knn }), ['finished', 'finished']);
    assert.deepEqual(await statesWith({ pretrain }), ['finished', 'to run']);
    assert.deepEqual(await statesWith({ 'stage knn': knn }), ['to run', 'to run']);
  });

  it('are planned with a note if calibration asks for more images than there are', async () => {
    const notesWith = async (samples: number): Promise<readonly string[]> => {
      const notes: string[] = [];
      const loaded = await loadSmall(folder, { stages, evaluation: { calibration: { samples, batch: 50 } } });
      await planPipeline(loaded, {
        ...runOptions(folder),
        onEvent: (event) => event.type === 'note' && void notes.push(event.text),
      });
      return notes;
    };
    assert.deepEqual(await notesWith(200), []);
    assert.match((await notesWith(201)).join(), /all 200 training images.*201/);
  });

  it('have fingerprints: that of a stage depends on the settings of evaluation, that of pretraining does not', async () => {
    const fingerprints = async (samples: number): Promise<readonly string[]> => {
      const { phases } = await plan({ evaluation: { calibration: { samples, batch: 50 } } });
      return phases.map(({ fingerprint }) => fingerprint);
    };
    const [first, again, changed] = [await fingerprints(50), await fingerprints(50), await fingerprints(100)];
    assert.deepEqual(again, first);
    assert.equal(changed[0], first[0]);
    assert.notEqual(changed[1], first[1]);
  });

  it('have fingerprints that do not depend on other stages', async () => {
    const [alone, beside] = [
      await plan(),
      await plan({ stages: [...stages, { use: 'linear-probe', with: { precisions: ['w4a4'], epochs: 1 } }] }),
    ];
    assert.deepEqual(
      beside.phases.slice(0, 2).map(({ fingerprint }) => fingerprint),
      alone.phases.map(({ fingerprint }) => fingerprint),
    );
  });

  it('do not train again for another observer or another calibration of evaluation', async () => {
    const mse = { observer: 'mse' };
    const first = await plan();
    const plans = [
      await plan({ evaluation: { calibration: { weights: mse, activations: mse } } }),
      await plan({ evaluation: { calibrations: { mse: { weights: mse, samples: 10 } } } }),
    ];
    for (const { id, phases } of plans) {
      assert.equal(id, first.id);
      assert.equal(phases[0]!.fingerprint, first.phases[0]!.fingerprint);
      assert.notEqual(phases[1]!.fingerprint, first.phases[1]!.fingerprint);
    }
  });
});
