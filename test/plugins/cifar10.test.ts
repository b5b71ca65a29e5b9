import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { SsqlError } from '@ssql/core';
import { cifar10 } from '../../packages/plugins/src/data/cifar10.js';
import { make } from './make-plugin.js';

const { SSQL_CIFAR10: REAL } = process.env;
const PIXELS = 1024;

/** A record whose red is `label`, whose green is the pixel's index and whose blue is 255. */
function record(label: number): Buffer {
  const planes = [() => label, (index: number) => index % 256, () => 255];
  return Buffer.from([label, ...planes.flatMap((plane) => Array.from({ length: PIXELS }, (_, index) => plane(index)))]);
}

describe('cifar10', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-cifar10-'));
    writeFileSync(join(folder, 'data_batch_2.bin'), Buffer.concat([record(3), record(4)]));
    writeFileSync(join(folder, 'data_batch_1.bin'), Buffer.concat([record(1), record(9)]));
    for (const number of [3, 4, 5]) writeFileSync(join(folder, `data_batch_${number}.bin`), record(0));
    writeFileSync(join(folder, 'test_batch.bin'), record(5));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('reads the batches in order, planes to pixels', async () => {
    const { train, test, shape } = await make(cifar10, { root: '.' }, { folder });
    assert.deepEqual([[...train.labels!], [...test.labels!], shape], [[1, 9, 3, 4, 0, 0, 0], [5], [32, 32, 3]]);
    const images = await train.read([2, 0]);
    assert.deepEqual([...images.subarray(0, 6)], [3, 0, 255, 3, 1, 255]);
    assert.deepEqual([...images.subarray(3072 + 3069)], [1, 255, 255]);
  });

  it('trains on the files that the pipeline names, in their order', async () => {
    const { train } = await make(cifar10, { root: folder, batches: [2, 1] });
    assert.deepEqual([...train.labels!], [3, 4, 1, 9]);
    rmSync(join(folder, 'data_batch_3.bin'));
    assert.equal((await make(cifar10, { root: folder, batches: [2] })).train.size, 2);
    await assert.rejects(make(cifar10, { root: folder, batches: [3] }), { code: 'DATA_MISSING' });
  });

  it('holds out validation images from training images', async () => {
    const { train, test, splits } = await make(cifar10, { root: folder, validation: 1 });
    const held = splits!['validation']!;
    assert.deepEqual([train.size, held.size, test.size], [6, 1, 1]);
    assert.deepEqual([...train.labels!, ...held.labels!].sort(), [0, 0, 0, 1, 3, 4, 9]);
    // Red is the label.
    assert.deepEqual([(await held.read([0]))[0], (await train.read([2]))[0]], [held.labels![0], train.labels![2]]);
    await assert.rejects(make(cifar10, { root: folder, validation: 7 }), { code: 'DATA_INVALID' });
  });

  it('has a fingerprint that depends on every byte', async () => {
    const before = (await make(cifar10, { root: folder })).fingerprint;
    assert.equal((await make(cifar10, { root: folder })).fingerprint, before);
    const changed = record(5);
    changed[3072] = 254;
    writeFileSync(join(folder, 'test_batch.bin'), changed);
    assert.notEqual((await make(cifar10, { root: folder })).fingerprint, before);
  });

  const rejects = (code: string, ...parts: string[]) =>
    assert.rejects(make(cifar10, { root: folder }), (error: SsqlError) => {
      assert.equal(error.code, code);
      for (const part of parts) assert.ok(error.message.includes(part), `'${part}' in: ${error.message}`);
      return true;
    });

  it('says which file cannot be read', async () => {
    rmSync(join(folder, 'test_batch.bin'));
    mkdirSync(join(folder, 'test_batch.bin'));
    await rejects('DATA_UNREADABLE', join(folder, 'test_batch.bin'), 'it is a folder');
  });

  it('says which folder or file is missing', async () => {
    rmSync(join(folder, 'test_batch.bin'));
    await rejects('DATA_MISSING', join(folder, 'test_batch.bin'));
    rmSync(join(folder, 'data_batch_1.bin'));
    rmSync(join(folder, 'data_batch_2.bin'));
    await rejects('DATA_MISSING', join(folder, 'data_batch_1.bin'));
    for (const number of [1, 2]) writeFileSync(join(folder, `data_batch_${number}.bin`), record(0));
    writeFileSync(join(folder, 'test_batch.bin'), record(0));
    rmSync(join(folder, 'data_batch_4.bin'));
    await rejects('DATA_MISSING', join(folder, 'data_batch_4.bin'));
    writeFileSync(join(folder, 'data_batch_4.bin.gz'), '');
    await assert.rejects(
      make(cifar10, { root: folder }),
      ({ details }: SsqlError) => details.hint === 'Unpack data_batch_4.bin.gz.',
    );
    await assert.rejects(make(cifar10, { root: 'nowhere' }, { folder }), (error: SsqlError) => {
      return (
        error.code === 'DATA_MISSING' && error.message.includes(join(folder, 'nowhere')) && error.cause !== undefined
      );
    });
  });

  it('says which file is truncated, and its sizes', async () => {
    writeFileSync(join(folder, 'data_batch_2.bin'), Buffer.concat([record(3), record(4)]).subarray(0, 5000));
    await rejects('DATA_TRUNCATED', join(folder, 'data_batch_2.bin'), '5000 bytes', '3073');
    writeFileSync(join(folder, 'data_batch_2.bin'), '');
    await rejects('DATA_TRUNCATED', join(folder, 'data_batch_2.bin'), '0 bytes');
  });

  it('says where a label is none', async () => {
    writeFileSync(join(folder, 'test_batch.bin'), Buffer.concat([record(0), record(10)]));
    await rejects('DATA_INVALID', join(folder, 'test_batch.bin'), '6146 bytes', 'label 10 in record 1');
  });

  it('reads real files', async function () {
    if (REAL === undefined) {
      console.warn('      set SSQL_CIFAR10 to the folder of CIFAR-10 to run this test');
      return this.skip();
    }
    const { train, test } = await make(cifar10, { root: resolve(REAL) });
    assert.equal(train.size % 10000, 0);
    assert.equal(test.size, 10000);
    for (let label = 0; label < 10; label++) assert.equal(test.labels!.filter((other) => other === label).length, 1000);
    const images = await train.read(Array.from({ length: 1000 }, (_, index) => index));
    const means = [0, 1, 2].map(
      (channel) => images.filter((_, i) => i % 3 === channel).reduce((a, b) => a + b / 255, 0) / (1000 * PIXELS),
    );
    [0.4914, 0.4822, 0.4465].forEach((mean, channel) =>
      assert.ok(Math.abs(means[channel]! - mean) < 0.02, String(means)),
    );
  });
});
