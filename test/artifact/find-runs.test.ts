import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { findRuns } from '../../packages/core/src/artifact/find-runs.js';

describe('folders of runs', () => {
  let folder: string;
  before(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-find-'))));
  after(() => rmSync(folder, { recursive: true }));

  it('are those with two of the files that runs have, so that a lost one does not hide a run', async () => {
    for (const [name, files] of Object.entries({
      'a-run': ['pipeline.yaml', 'manifest.json', 'finished.json'],
      'begun-run': ['pipeline.yaml', 'manifest.json'],
      'of-an-experiment': ['pipeline.yaml'],
      'without-pipeline': ['manifest.json', 'finished.json'],
    })) {
      mkdirSync(join(folder, 'pipeline', name), { recursive: true });
      for (const file of files) writeFileSync(join(folder, 'pipeline', name, file), '');
    }
    const names = (await findRuns(folder)).map((run) => basename(run));
    assert.deepEqual(names, ['a-run', 'begun-run', 'without-pipeline']);
  });
});
