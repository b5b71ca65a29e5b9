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

  it('counts images and classes, states their original sizes, computes mean and deviation of the training images, and lists broken files', async () => {
    const red = await plain(4, 6, [255, 0, 0]).png().toBuffer();
    const blue = await plain(8, 20, [0, 0, 51]).png().toBuffer();
    // A photograph of 6 x 10 pixels, which its header turns upright.
    const turned = await plain(10, 6, [0, 0, 51]).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    writeFiles(join(folder, 'images'), {
      'train/a/1.png': red,
      'train/a/2.png': 'no image',
      'train/b/3.png': blue,
      'test/b/4.jpg': turned,
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
    const range = (smallest: number, median: number, largest: number) => ({ smallest, median, largest });
    assert.deepEqual(train.originals, { height: range(4, 6, 8), width: range(6, 13, 20) });
    const originals = { height: range(6, 6, 6), width: range(10, 10, 10) };
    assert.deepEqual(test, { name: 'test', images: 1, classes: { a: 0, b: 1 }, originals, broken: [] });
    // Of one red image and one blue image.
    const near = (actual: readonly number[], expected: readonly number[]): void =>
      expected.forEach((value, at) => assert.ok(Math.abs(actual[at]! - value) < 1e-9, `${actual}`));
    near(mean, [0.5, 0, 0.1]);
    near(std, [0.5, 0, 0.1]);
    const skipping = await ssql(folder, ['data', 'describe', file, '--json', '--set', 'data.with.onError=skip']);
    const [rest] = JSON.parse(skipping.stdout).splits;
    assert.deepEqual([rest.images, rest.classes, rest.broken], [2, { a: 1, b: 1 }, train.broken]);
    const text = (await ssql(folder, ['data', 'describe', file])).stdout;
    assert.match(text, /original width +6 to 20, median 13 +10 to 10, median 10\n/);
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
