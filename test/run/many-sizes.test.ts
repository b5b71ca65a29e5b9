import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { runPipeline } from '@ssql/core/run';
import { DataTester } from '@ssql/core/testing';
import { loadSmall, runOptions } from './cpu-pipeline.js';
import { manySizes, type OnRead } from './many-sizes.js';

DataTester.run(manySizes, { valid: [{ options: {}, other: { train: 4 } }], invalid: [] });

describe('data of many sizes that do not fit memory', function () {
  this.timeout(60_000);
  let folder: string;
  const global = globalThis as { ssqlTestOnRead?: OnRead };
  before(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-sizes-'))));
  after(() => {
    delete global.ssqlTestOnRead;
    rmSync(folder, { recursive: true });
  });

  it('trains and is evaluated while two batches are held at most, the one that is read ahead included', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const batches: WeakRef<Uint8Array>[] = [];
    const held: number[] = [];
    global.ssqlTestOnRead = async (batch) => {
      batches.push(new WeakRef(batch));
      await nextTurn(); // a reference that was made in this turn holds its batch
      collectGarbage();
      held.push(batches.filter((reference) => reference.deref() !== undefined).length);
    };
    const loaded = await loadSmall(folder, {
      plugins: [fileURLToPath(new URL('many-sizes.ts', import.meta.url))],
      data: 'many-sizes',
      augment: ['horizontal-flip'],
      train: { epochs: 3, batch: 8 },
      evaluation: { calibration: { samples: 24, batch: 8 } },
      stages: [{ use: 'decomposition', with: { precisions: ['w4a4'], batches: 2 } }],
    });
    await runPipeline(loaded, runOptions(folder));
    assert.ok(held.length > 18, `${held.length} batches are read`);
    assert.ok(Math.max(...held) <= 2, `batches held at each read: ${held.join()}`);
  });
});
