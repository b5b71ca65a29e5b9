import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plain, writeFiles } from '../plugins/write-images.js';
import { blocksOf } from './blocks-of.js';
import { shell } from './shell.js';

describe('the path of README from a clone to a report', function () {
  this.timeout(600_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-path-'));
    symlinkSync(process.cwd(), join(folder, 'ssql'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('runs, block by block, as it stands', async () => {
    const [clone, ...blocks] = blocksOf('From a clone to your images, your quantizer and your report');
    // The first block was run before any test could be.
    assert.equal(clone?.text, 'npm ci && npm run build\nnpx ssql engine install\n');
    assert.deepEqual(
      blocks.map(({ language, file }) => file ?? language),
      ['sh', 'sh', 'clipped.mjs', 'pipeline.yaml', 'sh'],
    );
    const mine = join(folder, 'my-experiment');
    const outputs: string[] = [];
    let here = 'ssql'; // a link, which `cd` remembers and other commands do not
    for (const { file, text } of blocks)
      if (file !== undefined) writeFileSync(join(mine, file), text);
      else {
        outputs.push(await shell(folder, `set -e; cd ${here}\n${text}`));
        if (here === 'ssql') writeFiles(join(mine, 'photos'), await photos());
        here = 'my-experiment';
      }
    const [, looked, ran] = outputs;
    assert.match(looked!, /images +\d+ +\d+\nbroken +0 +0\n/);
    assert.match(looked!, /Picture: preview\.png\nPage: preview\.html/);
    assert.match(ran!, /linear-probe +matched +clipped +\d/);
    assert.match(ran!, /knn +matched +clipped - uniform +/);
    assert.match(ran!, /Report: runs\/my-images\/report\.html/);
    assert.equal(ran!.match(/my-images\/(clipped|uniform)-\w+ +finished/g)?.length, 2);
    const report = readFileSync(join(mine, 'runs/my-images/report.html'), 'utf8');
    for (const text of ['clipped', 'uniform', 'w2a4']) assert.ok(report.includes(text), text);
  });
});

/** Images of two classes, enough for a batch of training and some to test on. */
async function photos(): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for (let index = 0; index < 40; index++) {
    files[`cats/${index}.jpg`] = await plain(40, 30 + index, [200, 6 * index, 30])
      .jpeg()
      .toBuffer();
    files[`dogs/${index}.png`] = await plain(30 + index, 40, [30, 6 * index, 200])
      .png()
      .toBuffer();
  }
  return files;
}
