import assert from 'node:assert/strict';
import type { SsqlError } from '@ssql/core';
import { digits } from '../../packages/plugins/src/data/digits.js';
import { make } from './make-plugin.js';

describe('digits', () => {
  it('has 10,000 gray digits, 2,000 of them for testing', async () => {
    const { train, test, shape, classes } = await make(digits);
    assert.deepEqual([train.size, test.size, shape, classes.length], [8000, 2000, [28, 28, 1], 10]);
    const counts = new Array<number>(10).fill(0);
    for (const label of [...train.labels!, ...test.labels!]) counts[label]!++;
    assert.deepEqual(counts, [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]);
  });

  it('reads images by index, bytes of mean 0.131 and deviation 0.308 as all of MNIST', async () => {
    const { train } = await make(digits);
    const images = await train.read(Array.from(train.labels!.keys()));
    assert.equal(images.length, 8000 * 784);
    const mean = images.reduce((sum, value) => sum + value / 255, 0) / images.length;
    const variance = images.reduce((sum, value) => sum + (value / 255 - mean) ** 2, 0) / images.length;
    assert.ok(Math.abs(mean - 0.1307) < 0.002, `mean ${mean}`);
    assert.ok(Math.abs(Math.sqrt(variance) - 0.3081) < 0.002, `deviation ${Math.sqrt(variance)}`);
    assert.deepEqual(
      await train.read([7, 3]),
      new Uint8Array([...images.subarray(7 * 784, 8 * 784), ...images.subarray(3 * 784, 4 * 784)]),
    );
  });

  it("divides the same whatever the pipeline's seed, and otherwise with another split", async () => {
    const one = await make(digits, {}, { seed: 1 });
    const two = await make(digits, {}, { seed: 2 });
    const other = await make(digits, { split: 6 });
    assert.deepEqual(one.test.labels, two.test.labels);
    assert.notDeepEqual(one.test.labels, other.test.labels);
    assert.equal(one.fingerprint, other.fingerprint);
    assert.match(one.fingerprint, /^[0-9a-f]{64}$/);
  });

  it('keeps each image on one side', async () => {
    const { train, test } = await make(digits, { test: 500 });
    const hex = async (split: typeof train): Promise<string[]> =>
      Promise.all(
        Array.from(split.labels!.keys(), async (index) => Buffer.from(await split.read([index])).toString('base64')),
      );
    const all = [...(await hex(train)), ...(await hex(test))];
    assert.equal(all.length, 10000);
    assert.ok(new Set(all).size > 9990, `${10000 - new Set(all).size} images twice`);
  });

  it('holds out validation images from training images, and leaves the others as they are', async () => {
    const { train, test, splits } = await make(digits, { validation: 1000 }, { seed: 1 });
    const whole = await make(digits, {}, { seed: 2 });
    assert.deepEqual([train.size, splits?.['validation']?.size, test.size], [7000, 1000, 2000]);
    assert.deepEqual(test.labels, whole.test.labels);
    const both = [...train.labels!, ...splits!['validation']!.labels!];
    assert.deepEqual(both, [...whole.train.labels!]);
    assert.deepEqual(await splits!['validation']!.read([3]), await whole.train.read([7003]));
    assert.equal(whole.splits, undefined);
  });

  it('refuses to validate on all training images', async () => {
    await assert.rejects(make(digits, { test: 9000, validation: 1000 }), { code: 'DATA_INVALID' });
  });

  it('refuses to test on everything', async () => {
    await assert.rejects(make(digits, { test: 10000 }), (error: SsqlError) => error.code === 'DATA_INVALID');
  });
});
