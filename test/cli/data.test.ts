import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plain, writeFiles } from '../plugins/write-images.js';
import { SMALL, ssql, writePipeline } from './small-run.js';

describe('ssql data describe', function () {
  this.timeout(120_000);
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'ssql-data-'))));
  after(() => rmSync(folder, { recursive: true }));

  it('counts images and classes, computes mean and deviation of the training images, and lists broken files', async () => {
    const [red, blue] = await Promise.all(
      ([[255, 0, 0], [0, 0, 51]] as const).map((color) => plain(4, 6, color).png().toBuffer()), // prettier-ignore
    );
    writeFiles(join(folder, 'images'), {
      'train/a/1.png': red!,
      'train/a/2.png': 'no image',
      'train/b/3.png': blue!,
      'test/b/4.png': blue!,
    });
    const data = { use: 'image-folder', with: { root: 'images', size: 4, workers: 0 } };
    const file = writePipeline(folder, { ...SMALL, augment: [], data });
    const { status, stdout, stderr } = await ssql(folder, ['data', 'describe', file, '--json']);
    assert.equal(status, 0, stderr);
    const { splits, mean, std, shape } = JSON.parse(stdout);
    assert.deepEqual(shape, [4, 4, 3]);
    const [train, test] = splits;
    assert.deepEqual([train.name, train.images, train.classes], ['train', 3, { a: 2, b: 1 }]);
    assert.equal(train.broken.length, 1);
    assert.match(train.broken[0], /2\.png/);
    assert.deepEqual(test, { name: 'test', images: 1, classes: { a: 0, b: 1 }, broken: [] });
    // Of one red image and one blue image.
    const near = (actual: readonly number[], expected: readonly number[]): void =>
      expected.forEach((value, at) => assert.ok(Math.abs(actual[at]! - value) < 1e-9, `${actual}`));
    near(mean, [0.5, 0, 0.1]);
    near(std, [0.5, 0, 0.1]);
    const text = (await ssql(folder, ['data', 'describe', file])).stdout;
    assert.match(text, /\{ mean: \[0\.5000, 0\.0000, 0\.1000\], std: \[0\.5000, 0\.0000, 0\.1000\] \}/);
  });

  it('shows control characters of names, and sends none to the terminal', async () => {
    const red = await plain(4, 6, [255, 0, 0]).png().toBuffer();
    writeFiles(join(folder, 'odd'), { 'a\u001b[31m\n/1.png': red, 'b/2.png': 'no image', 'b/\u001b.png': 'no image' });
    const data = { use: 'image-folder', with: { root: 'odd', size: 4, workers: 0 } };
    const { status, stdout, stderr } = await ssql(folder, [
      'data',
      'describe',
      writePipeline(folder, { ...SMALL, augment: [], data }),
    ]);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^  a\\u001b\[31m\\u000a +\d/m);
    assert.match(stdout, /\\u001b\.png cannot be decoded/);
    assert.ok(!stdout.includes('\u001b'));
  });
});
