import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset, Product } from '@ssql/core';
import { imageFolder } from '../../packages/plugins/src/data/image-folder.js';
import { imageList } from '../../packages/plugins/src/data/image-list.js';
import { make } from './make-plugin.js';
import { drawn, plain, writeFiles } from './write-images.js';

const RED = [250, 0, 0] as const;
const BLUE = [0, 0, 250] as const;
/** The average of each channel of an image. */
const colourOf = (pixels: Uint8Array): number[] =>
  [0, 1, 2].map((channel) => {
    const values = pixels.filter((_, index) => index % 3 === channel);
    return Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);
  });

describe('image-folder', () => {
  let folder: string;
  const made: Product<'data'>[] = [];
  const open = async (options: object = {}): Promise<Dataset> => {
    const dataset: Product<'data'> = await make(imageFolder, { root: folder, size: 8, workers: 0, ...options });
    made.push(dataset);
    return dataset;
  };
  const rejects = (options: object, code: string, ...parts: string[]) =>
    assert.rejects(open(options), (error: Error & { code: string }) => {
      assert.equal(error.code, code);
      for (const part of parts) assert.ok(error.message.includes(part), error.message);
      return true;
    });
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-images-'))));
  afterEach(async () => {
    for (const dataset of made.splice(0)) await dataset.dispose?.();
    rmSync(folder, { recursive: true });
  });

  it('names folders beside train that are no splits, and refuses splits of other names as classes', async () => {
    const red = await plain(9, 20, RED).png().toBuffer();
    writeFiles(folder, { 'train/a/1.png': red, 'test/a/2.png': red, 'car/3.png': red, 'plane/4.png': red });
    const { notes, classes } = (await open()) as Dataset & { readonly notes?: readonly string[] };
    assert.deepEqual(classes, ['a']);
    assert.match(notes![0]!, /These are none, and are left out: car, plane\.$/);
    for (const name of ['train', 'test', 'car', 'plane']) rmSync(join(folder, name), { recursive: true });
    writeFiles(folder, { 'Training/a/1.png': red, 'Testing/a/2.png': red });
    await rejects({}, 'DATA_INVALID', 'Testing, Training, which look like splits', 'Name them train, test and val');
  });

  it('takes class names that begin like splits, and refuses splits beside other folders unless nothing is labelled', async () => {
    const red = await plain(9, 20, RED).png().toBuffer();
    writeFiles(folder, { 'train-station/1.png': red, 'valley/2.png': red, 'valley/3.png': red });
    assert.deepEqual((await open()).classes, ['train-station', 'valley']);
    writeFiles(folder, { 'train2017/4.png': red, 'val2017/5.png': red });
    await rejects({}, 'DATA_INVALID', 'has the folders train2017, val2017, which look like splits');
    const { train, test } = await open({ labels: 'none' });
    assert.equal(train.size + test.size, 5);
    rmSync(join(folder, 'val2017'), { recursive: true });
    assert.deepEqual((await open()).classes, ['train-station', 'train2017', 'valley']);
  });

  it('reads the splits in the folders, with sorted class folders, whatever the files are called', async () => {
    const [red, blue] = [await plain(9, 20, RED).png().toBuffer(), await plain(30, 9, BLUE).png().toBuffer()];
    writeFiles(folder, {
      'train/sea/x.png': blue,
      'train/fire/1.PNG': red,
      'train/fire/deep/2.png': red,
      'train/fire/notes.txt': 'no image',
      'train/.hidden/3.png': red,
      'val/sea/4.png': blue,
      'test/fire/5.png': red,
    });
    const { classes, train, test, splits, shape } = await open();
    assert.deepEqual([classes, shape, Object.keys(splits!)], [['fire', 'sea'], [8, 8, 3], ['validation']]);
    assert.deepEqual(
      [[...train.labels!], [...test.labels!], [...splits!['validation']!.labels!]],
      [[0, 0, 1], [0], [1]],
    );
    assert.deepEqual(colourOf(await train.read([2])), [...BLUE]);
    assert.deepEqual(colourOf(await splits!['validation']!.read([0])), [...BLUE]);
    rmSync(join(folder, 'test'), { recursive: true });
    assert.deepEqual([...(await open()).test.labels!], [1], '`val` is the test split where there is no other');
  });

  it('holds out images of a single folder, the same ones each time, and needs no labels', async () => {
    const files = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => [`${i}.png`, await plain(8, 8, [i, 0, 0]).png().toBuffer()] as const),
    );
    writeFiles(folder, Object.fromEntries(files));
    const reds = async ({ read, size }: Dataset['train']) =>
      [...(await read(Array.from({ length: size }, (_, index) => index)))].filter((_, index) => index % 192 === 0);
    const { classes, train, test, splits, fingerprint } = await open({ test: 0.2, validation: 0.25 });
    assert.deepEqual(
      [classes, train.labels, train.size, test.size, splits!['validation']!.size],
      [[], undefined, 12, 4, 4],
    );
    const all = [await reds(train), await reds(test), await reds(splits!['validation']!)].flat();
    assert.deepEqual(
      all.sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, index) => index),
    );
    const again = await open({ test: 0.2, validation: 0.25 });
    assert.deepEqual(await reds(again.test), await reds(test));
    assert.equal(again.fingerprint, fingerprint);
    writeFiles(folder, { '7.png': await drawn(8, 8).png().toBuffer() });
    assert.notEqual((await open({ test: 0.2, validation: 0.25 })).fingerprint, fingerprint);
  });

  it('knows other names of the validation split and of JPEG files, and holds out at least one image', async () => {
    const [png, jpeg] = [await plain(9, 9, RED).png().toBuffer(), await plain(9, 9, RED).jpeg().toBuffer()];
    for (const name of ['val', 'validation', 'valid']) {
      writeFiles(folder, { 'train/a/1.png': png, 'test/a/2.png': png, [`${name}/a/3.png`]: png });
      assert.equal((await open()).splits!['validation']!.size, 1, name);
      rmSync(join(folder, name), { recursive: true });
    }
    for (const name of ['train', 'test']) rmSync(join(folder, name), { recursive: true });
    writeFiles(folder, { 'a/1.jpg': jpeg, 'a/2.jpeg': jpeg, 'a/3.JPE': jpeg, 'a/4.jfif': jpeg, 'a/5.txt': jpeg });
    const { train, test } = await open({ test: 0.01 });
    assert.deepEqual([train.size, test.size], [3, 1]);
  });

  it('has another fingerprint if only a label differs', async () => {
    const png = await plain(9, 9, RED).png().toBuffer();
    const list = (label: string): string => `file,label\n1.png,a\n2.png,b\n3.png,${label}\n`;
    writeFiles(folder, { '1.png': png, '2.png': png, '3.png': png });
    const fingerprints = ['a', 'b'].map(async (label) => {
      writeFiles(folder, { [`${label}.csv`]: list(label) });
      const dataset: Product<'data'> = await make(imageList, {
        list: join(folder, `${label}.csv`),
        size: 8,
        workers: 0,
      });
      made.push(dataset);
      return dataset.fingerprint;
    });
    assert.equal(new Set(await Promise.all(fingerprints)).size, 2);
  });

  it('keeps the middle of an image, at its aspect ratio', async () => {
    const third = (colour: readonly [number, number, number]) => plain(32, 32, colour).png().toBuffer();
    const [left, middle, right] = await Promise.all([third(RED), third([0, 250, 0]), third(BLUE)]);
    const wide = plain(32, 96, RED).composite(
      [left, middle, right].map((input, i) => ({ input, left: 32 * i, top: 0 })),
    );
    const bytes = await wide.jpeg({ quality: 100 }).toBuffer();
    writeFiles(folder, { 'wide.jpg': bytes, 'other.jpg': bytes });
    const { train } = await open({ size: 16 });
    const [red, green, blue] = colourOf(await train.read([0])) as [number, number, number];
    assert.ok(red < 10 && green > 240 && blue < 10, [red, green, blue].join());
  });

  it('follows links, but not in a circle', async () => {
    writeFiles(folder, { 'images/a/1.png': await drawn(8, 8).png().toBuffer() });
    symlinkSync(join(folder, 'images'), join(folder, 'images', 'a', 'circle'));
    symlinkSync(join(folder, 'images', 'a'), join(folder, 'images', 'b'));
    const { classes, train, test } = await open({ root: join(folder, 'images') });
    assert.deepEqual([classes, train.size + test.size], [['a', 'b'], 2]);
  });

  it('says what is missing, and which images have no class', async () => {
    await rejects({ root: join(folder, 'none') }, 'DATA_MISSING', join(folder, 'none'));
    await rejects({}, 'DATA_INVALID', 'has no images');
    writeFiles(folder, { 'a/1.png': await drawn(8, 8).png().toBuffer(), '2.png': await drawn(8, 8).png().toBuffer() });
    await rejects({}, 'DATA_INVALID', join(folder, '2.png'), 'labels: none');
    assert.equal((await open({ labels: 'none' })).train.labels, undefined);
    await rejects({ root: join(folder, '2.png') }, 'DATA_UNREADABLE', 'it is a file, not a folder');
  });
});
