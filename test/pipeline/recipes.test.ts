import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadPipeline } from '@ssql/core/run';

/** Folders whose pipelines no other test reads. */
const FOLDERS = ['cifar100', 'imagenet100', 'stl10', 'transfer'];

describe('recipes for published sets', function () {
  this.timeout(60_000);
  it('are valid', async () => {
    const files = FOLDERS.flatMap((folder) =>
      readdirSync(join('pipelines', folder)).map((name) => join('pipelines', folder, name)),
    );
    assert.ok(files.length >= 12, files.join());
    for (const file of files) assert.ok((await loadPipeline(file)).cells.length > 0, file);
  });
});
