import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnyPlugin, Dataset, Plugin, Product, SsqlError } from '@ssql/core';
import { cifar100 } from '../../packages/plugins/src/data/cifar100.js';
import { idx } from '../../packages/plugins/src/data/idx.js';
import { imageList } from '../../packages/plugins/src/data/image-list.js';
import { parquet } from '../../packages/plugins/src/data/parquet.js';
import { stl10 } from '../../packages/plugins/src/data/stl10.js';
import { tarShards } from '../../packages/plugins/src/data/tar-shards.js';
import { make } from './make-plugin.js';
import { cifar100Record, idxFile, parquetFile, stl10Image, tarFile } from './write-datasets.js';
import { plain, writeFiles } from './write-images.js';

const SMALL = { size: 4, workers: 0 };

/** Each source is read from the layout that its publisher documents. Red of the images says which one was read. */
describe('sources of data', () => {
  let folder: string;
  const made: Product<'data'>[] = [];
  const open = async (plugin: AnyPlugin, options: object): Promise<Dataset> => {
    const dataset: Product<'data'> = await make(plugin as Plugin<'data'>, { ...options });
    made.push(dataset);
    return dataset;
  };
  const rejects = (plugin: AnyPlugin, options: object, code: string, message: RegExp) =>
    assert.rejects(open(plugin, options), { code, message });
  const red = (value: number): Promise<Buffer> => plain(6, 9, [value, 0, 0]).png().toBuffer();
  /** Red of the first pixel of each image, and its label. */
  const contents = async ({ read, size, labels }: Dataset['train']) => {
    const pixels = await read(Array.from({ length: size }, (_, index) => index));
    return Array.from({ length: size }, (_, index) => [pixels[(index * pixels.length) / size], labels?.[index]]);
  };
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-sources-'))));
  afterEach(async () => {
    for (const dataset of made.splice(0)) await dataset.dispose?.();
    rmSync(folder, { recursive: true });
  });

  it('image-list: a CSV file with labels and splits', async () => {
    writeFiles(folder, {
      'images.csv': 'label,file,split\n10,"a, b.png",train\n9,c.png,train\n10,d.png,test\n9,e.png,validation\n',
      'pictures/a, b.png': await red(11),
      'pictures/c.png': await red(22),
      'pictures/d.png': await red(33),
      'pictures/e.png': await red(44),
    });
    const data = await open(imageList, { list: join(folder, 'images.csv'), root: join(folder, 'pictures'), ...SMALL });
    assert.deepEqual(data.classes, ['9', '10']); // as numbers
    assert.deepEqual(await contents(data.train), [[11, 1], [22, 0]]); // prettier-ignore
    assert.deepEqual(await contents(data.test), [[33, 1]]);
    assert.deepEqual(await contents(data.splits!['validation']!), [[44, 0]]);
  });

  it('image-list: a JSON file without labels, and lists that are wrong', async () => {
    const list = join(folder, 'images.json');
    writeFiles(folder, {
      'images.json': '[{ "file": "a.png" }, { "file": "b.png" }]',
      'a.png': await red(1),
      'b.png': await red(2),
    });
    const { train, test, classes } = await open(imageList, { list, ...SMALL });
    assert.deepEqual([train.labels, classes, train.size, test.size], [undefined, [], 1, 1]);
    writeFiles(folder, { 'images.json': '[{ "file": "a.png", "label": "x" }, { "file": "b.png" }]' });
    await rejects(
      imageList,
      { list, ...SMALL },
      'DATA_INVALID',
      /1 of the 2 images of `train` have no label, for example b\.png/,
    );
    writeFiles(folder, { 'images.json': '[{ "path": "a.png" }]' });
    await rejects(imageList, { list, ...SMALL }, 'DATA_INVALID', /image 1 has no `file`/);
    writeFiles(folder, { 'images.json': '[{' });
    await rejects(imageList, { list, ...SMALL }, 'DATA_INVALID', /images\.json cannot be read: /);
    await rejects(imageList, { list: folder, ...SMALL }, 'DATA_UNREADABLE', /cannot be read: it is a folder/);
  });

  it('image-list: splits of any name, and images that are listed more than once', async () => {
    const list = join(folder, 'images.csv');
    const write = (...lines: readonly string[]): void =>
      writeFiles(folder, { 'images.csv': ['file,label,split', ...lines].join('\n') });
    writeFiles(folder, { 'a.png': await red(1), 'b.png': await red(2) });
    write('a.png,x,', 'b.png,y,__proto__', 'b.png,y,test');
    const { splits, notes } = await open(imageList, { list, ...SMALL });
    assert.deepEqual(await contents(Object.entries(splits!)[0]![1]), [[2, 1]]);
    const shared = 'b.png in `__proto__` and `test`. Accuracies on images that were trained on are too high';
    const several = '1 images are listed more than once, 1 of them in several splits, for example';
    assert.deepEqual(notes, [`${list}: ${several} ${shared}.`]);
    write('a.png,x,', './a.png,x,', 'b.png,y,test');
    assert.deepEqual((await open(imageList, { list, ...SMALL })).notes, [
      `${list}: 1 images are listed more than once, for example ./a.png.`,
    ]);
    write('a.png,x,', 'b.png,y,test');
    assert.deepEqual((await open(imageList, { list, ...SMALL })).notes, []);
    write('a.png,x,', 'a.png,y,', 'b.png,y,test');
    await rejects(imageList, { list, ...SMALL }, 'DATA_INVALID', /a\.png is listed as `x` and as `y`/);
  });

  it('image-list: a CSV file of Excel, and labels, files and separators that are none', async () => {
    const list = join(folder, 'images.csv');
    writeFiles(folder, {
      'images.csv': '\ufeff"file",label\na.png,x\nb.png,y\n',
      'a.png': await red(1),
      'b.png': await red(2),
    });
    assert.deepEqual((await open(imageList, { list, ...SMALL, test: 0.5 })).classes, ['x', 'y']);
    writeFiles(folder, { 'images.csv': 'file;label\na.png;x\n' });
    await rejects(imageList, { list, ...SMALL }, 'DATA_INVALID', /has no `file`.*Separate columns by commas\./);
    const json = join(folder, 'images.json');
    writeFiles(folder, { 'images.json': '\ufeff[{ "file": "a.png" }, { "file": "b.png" }]' });
    assert.equal((await open(imageList, { list: json, ...SMALL, test: 0.5 })).train.size, 1);
    for (const [row, message] of [
      ['{ "file": "a.png", "label": true }', /image 1 has the label true\. Expected a text or a number/],
      ['{ "file": "a.png", "label": [1] }', /image 1 has the label \[1\]/],
      ['{ "file": "a.png", "split": {} }', /image 1 has the split \{\}/],
      ['{ "file": "a\\u0000.png" }', /image 1 has no `file`/],
    ] as const) {
      writeFiles(folder, { 'images.json': `[${row}]` });
      await rejects(imageList, { list: json, ...SMALL }, 'DATA_INVALID', message);
    }
  });

  it('image-list: a list that is too long', async () => {
    const list = join(folder, 'images.csv');
    writeFiles(folder, { 'images.csv': '' });
    truncateSync(list, 20_000_000);
    await rejects(imageList, { list, ...SMALL }, 'DATA_INVALID', /Max Record Size/);
    truncateSync(list, 3_000_000_000); // zeros, which take no disk space
    await rejects(imageList, { list, ...SMALL }, 'DATA_INVALID', /has 3000000000 bytes; a list of images has at most/);
  });

  it('cifar100: two labels before each image', async () => {
    const names = (count: number) => Array.from({ length: count }, (_, index) => `class ${index}\n`).join('');
    writeFiles(folder, {
      'train.bin': Buffer.concat([cifar100Record(3, 7, [1, 2, 3]), cifar100Record(19, 99, [9, 8, 7])]),
      'test.bin': cifar100Record(0, 55, [5, 5, 5]),
      'fine_label_names.txt': names(100),
    });
    const fine = await open(cifar100, { root: folder });
    assert.deepEqual([fine.classes.length, [...fine.train.labels!], [...fine.test.labels!]], [100, [7, 99], [55]]);
    assert.deepEqual([...(await fine.train.read([1])).subarray(0, 6)], [9, 8, 7, 9, 8, 7]);
    await rejects(
      cifar100,
      { root: folder, labels: 'coarse' },
      'DATA_MISSING',
      /coarse_label_names\.txt does not exist/,
    );
    writeFiles(folder, { 'coarse_label_names.txt': names(20) });
    assert.deepEqual([...(await open(cifar100, { root: folder, labels: 'coarse' })).train.labels!], [3, 19]);
    writeFiles(folder, { 'test.bin': cifar100Record(0, 100, [0, 0, 0]) });
    await rejects(cifar100, { root: folder }, 'DATA_INVALID', /label 100 in record 0; expected 0 to 99/);
  });

  it('stl10: images column by column, labels from 1, an unlabelled split', async () => {
    writeFiles(folder, {
      'train_X.bin': Buffer.concat([stl10Image(1), stl10Image(2)]),
      'train_y.bin': Uint8Array.of(1, 10),
      'test_X.bin': stl10Image(3),
      'test_y.bin': Uint8Array.of(4),
      'class_names.txt': 'airplane\nbird\ncar\ncat\ndeer\ndog\nhorse\nmonkey\nship\ntruck\n',
    });
    const { train, splits, classes, test } = await open(stl10, { root: folder });
    assert.deepEqual([[...train.labels!], [...test.labels!], classes[3], splits], [[0, 9], [3], 'cat', undefined]);
    const pixels = await train.read([1]);
    assert.deepEqual([...pixels.subarray(3 * (96 * 5 + 70), 3 * (96 * 5 + 70) + 3)], [70, 5, 2]); // column, row, value
    writeFiles(folder, { 'unlabeled_X.bin': Buffer.concat([stl10Image(4), stl10Image(5), stl10Image(6)]) });
    const { unlabelled } = (await open(stl10, { root: folder })).splits!;
    assert.deepEqual([unlabelled!.size, unlabelled!.labels, (await unlabelled!.read([2]))[2]], [3, undefined, 6]);
    writeFiles(folder, { 'train_y.bin': Uint8Array.of(0, 10) });
    await rejects(stl10, { root: folder }, 'DATA_INVALID', /label 0 at 0; expected 1 to 10/);
    writeFiles(folder, { 'train_y.bin': Uint8Array.of(1, 11) });
    await rejects(stl10, { root: folder }, 'DATA_INVALID', /label 11 at 1; expected 1 to 10/);
    writeFiles(folder, { 'train_X.bin': stl10Image(1).subarray(1), 'train_y.bin': Uint8Array.of(1, 10) });
    await rejects(stl10, { root: folder }, 'DATA_TRUNCATED', /27647 bytes/);
  });

  it('idx: packed and unpacked files of MNIST', async () => {
    const values = Uint8Array.from({ length: 12 }, (_, index) => index);
    writeFiles(folder, {
      'train-images-idx3-ubyte.gz': idxFile([2, 2, 3], values, true),
      'train-labels-idx1-ubyte.gz': idxFile([2], Uint8Array.of(3, 0), true),
      't10k-images.idx3-ubyte': idxFile([1, 2, 3], values.subarray(6)),
      't10k-labels.idx1-ubyte': idxFile([1], Uint8Array.of(4)),
    });
    const { train, test, shape, classes } = await open(idx, { root: folder });
    assert.deepEqual(
      [shape, classes, [...train.labels!], [...test.labels!]],
      [[2, 3, 1], ['0', '1', '2', '3', '4'], [3, 0], [4]],
    );
    assert.deepEqual([...(await train.read([1]))], [6, 7, 8, 9, 10, 11]);
    writeFiles(folder, { 't10k-images.idx3-ubyte': idxFile([1, 2, 3], values) });
    await rejects(idx, { root: folder }, 'DATA_INVALID', /12 bytes after its header; expected 1 x 2 x 3 = 6/);
    for (const [height, width] of [
      [3, 3],
      [2, 2],
    ] as const) {
      // prettier-ignore
      writeFiles(folder, { 't10k-images.idx3-ubyte': idxFile([1, height, width], new Uint8Array(height * width)) });
      const message = new RegExp(`training images are 2x3 and test images ${height}x${width}`);
      await rejects(idx, { root: folder }, 'DATA_INVALID', message);
    }
    writeFiles(folder, { 't10k-images.idx3-ubyte': idxFile([1, 0, 3], new Uint8Array()) });
    await rejects(idx, { root: folder }, 'DATA_INVALID', /images of 0x3 pixels/);
    writeFiles(folder, { 'train-images-idx3-ubyte.gz': 'no archive' });
    await rejects(idx, { root: folder }, 'DATA_INVALID', /cannot be unpacked/);
  });

  it('tar-shards: images and labels of a sample have one name, in any order', async () => {
    const long = `${'deep/'.repeat(40)}2`; // more than a header of tar holds
    writeFiles(folder, {
      'train-000.tar': await tarFile({
        'a/1.png': await red(1),
        'a/1.cls': '2',
        [`${long}.json`]: '{"label":0}',
        [`${long}.png`]: await red(2),
      }),
      'train-001.tar': await tarFile({ '3.cls': '2\n', '3.png': await red(3), '3.txt': 'a caption' }),
      'test.tar': await tarFile({ '4.png': await red(4), '4.cls': '0' }),
    });
    const options = { root: folder, train: 'train-*.tar', testShards: 'test.tar', ...SMALL };
    const { train, test, classes } = await open(tarShards, options);
    assert.deepEqual([await contents(train), await contents(test)], [[[1, 1], [2, 0], [3, 1]], [[4, 0]]]); // prettier-ignore
    assert.deepEqual(classes, ['0', '2']);
    writeFiles(folder, { 'train-001.tar': (await tarFile({ '3.png': await red(3) })).subarray(0, 700) });
    await rejects(tarShards, options, 'DATA_INVALID', /train-001\.tar cannot be read: /);
    await rejects(tarShards, { ...options, train: 'x*' }, 'DATA_MISSING', /x\* does not exist/);
    const file = join(folder, 'test.tar');
    await rejects(tarShards, { ...options, root: file }, 'DATA_UNREADABLE', /it is a file, not a folder/);
    truncateSync(file, 20_000_000); // zeros after the last file
    await rejects(
      tarShards,
      { root: folder, train: 'test.tar', ...SMALL },
      'DATA_INVALID',
      /no more files, but more than 16 MB/,
    );
  });

  it('tar-shards: ranges of archives, in folders, keys up to the first dot, and each archive once', async () => {
    writeFiles(folder, {
      'sub/train-008.tar': await tarFile({
        '1.left.png': await red(1),
        '1.cls': 'a',
        '2.png': await red(2),
        '2.cls': 'b',
      }),
      'sub/train-009.tar': await tarFile({ '3.png': await red(3), '3.cls': 'a' }),
      'sub/train-010.tar': await tarFile({ '4.png': await red(4), '4.cls': 'b' }),
      'none.tar': await tarFile({ '5.png': await red(5), '5.cls': ' \n' }),
    });
    const options = { root: folder, train: 'sub/train-{008..009}.tar', testShards: 'sub/*-010.tar', ...SMALL };
    const { train, test } = await open(tarShards, options);
    assert.deepEqual([await contents(train), await contents(test)], [[[1, 0], [2, 1], [3, 0]], [[4, 1]]]); // prettier-ignore
    await rejects(
      tarShards,
      { ...options, testShards: 'sub/train-{009..010}.tar' },
      'DATA_INVALID',
      /train-009\.tar is named by `train` and by `testShards`/,
    );
    const unlabelled = { ...options, train: 'none.tar', testShards: 'sub/train-010.tar' };
    assert.deepEqual((await open(tarShards, unlabelled)).train.labels, undefined, 'an empty label is none');
    const dotted = { 'n1.5.png': await red(1), 'n1.5.cls': 'a', 'n1.6.png': await red(2), 'n1.6.cls': 'b' };
    writeFiles(folder, { 'dots.tar': await tarFile(dotted), 'dots-folder.tar/notes.txt': 'a folder' });
    await rejects(
      tarShards,
      { root: folder, train: 'dots*.tar', ...SMALL },
      'DATA_INVALID',
      /dots\.tar cannot be read: the sample `n1` has the labels `a` and `b`: a name of WebDataset ends at its first dot/,
    );
    writeFiles(folder, { 'empty.tar': await tarFile({ 'readme.txt': 'no image' }) });
    const empty = open(tarShards, { root: folder, train: 'empty.tar', ...SMALL });
    await assert.rejects(empty, ({ message, details }: SsqlError) => {
      assert.match(message, /the split `train` has no images/);
      assert.equal(details.hint, undefined, 'there are no others');
      return true;
    });
  });

  it('parquet: files in order, no label where it is -1, and nothing of hidden folders', async () => {
    const parts = Array.from({ length: 12 }, (_, index) => 11 - index);
    for (const part of parts)
      writeFiles(folder, {
        [`train-${String(part).padStart(2, '0')}.parquet`]: parquetFile([await red(part)], [part]),
      });
    writeFiles(folder, {
      'a/train.parquet': parquetFile([await red(77)], [12]),
      'test-0.parquet': parquetFile([await red(50)], [-1]),
      '.cache/huggingface/train-99.parquet': parquetFile([await red(99)], [3]),
      'train-x.parquet/notes.txt': 'a folder',
    });
    const { train, test, classes } = await open(parquet, { root: folder, ...SMALL });
    const inOrder = parts.toReversed().map((part) => [part, part]);
    assert.deepEqual(await contents(train), [[77, 12], ...inOrder]);
    assert.deepEqual(classes, [...parts.toReversed(), 12].map(String));
    assert.equal(test.labels, undefined);
  });

  it('parquet: the layout of the hub, and leaves no file behind', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('ssql-images-'));
    writeFiles(folder, {
      'data/train-00000-of-00001.parquet': parquetFile(
        await Promise.all([1, 2, 3].map(red)),
        [1, 0, 1],
        ['cat', 'dog'],
      ),
      'data/test-00000-of-00001.parquet': parquetFile([await red(4)], [1], ['cat', 'dog']),
    });
    const { train, test, classes } = await open(parquet, { root: folder, ...SMALL });
    assert.deepEqual([await contents(train), await contents(test)], [[[1, 1], [2, 0], [3, 1]], [[4, 1]]]); // prettier-ignore
    assert.deepEqual(classes, ['cat', 'dog']);
    assert.deepEqual(
      readdirSync(tmpdir()).filter((name) => name.startsWith('ssql-images-')),
      before,
    );
    writeFiles(folder, { 'data/train-00000-of-00001.parquet': parquetFile(await Promise.all([1, 2, 3].map(red))) });
    writeFiles(folder, {
      'data/train-00000-of-00001.parquet': parquetFile([await red(1)], [0], ['cat', 'dog']),
      'default/test/0000.parquet': parquetFile([await red(2)], [1], ['cat', 'dog']),
      'val-0.parquet': parquetFile([await red(3)], [1], ['cat', 'dog']),
    });
    const { train: few, test: more, splits } = await open(parquet, { root: folder, ...SMALL });
    assert.deepEqual([few.size, more.size, splits!['validation']!.size], [1, 2, 1], 'folders say the split, too');
    await rejects(parquet, { root: folder, ...SMALL, image: 'picture' }, 'DATA_INVALID', /it has no column `picture`/);
    for (const [bytes, reason] of [
      ['', 'it is empty'],
      ['PAR1', '.*'],
      ['PAR1\x04\0\0\0PAR1', 'it is damaged or incomplete, or of another format'],
    ] as const) {
      writeFiles(folder, { 'data/test-00000-of-00001.parquet': bytes });
      const message = new RegExp(`test-00000-of-00001\\.parquet cannot be read: ${reason}\\.$`);
      await rejects(parquet, { root: folder, ...SMALL }, 'DATA_INVALID', message);
    }
  });
});
