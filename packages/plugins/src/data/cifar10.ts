import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { definePlugin } from '@ssql/core';
import { requireFiles } from './files-of.js';
import { VALIDATION, withValidation } from './hold-out.js';
import { readPlanarRecords } from './planar-records.js';

const CLASSES = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'] as const;
const RECORDS = { labels: 1, label: 0, classes: CLASSES.length };
const LAYOUT = 'Expected the files of cifar-10-binary.tar.gz: data_batch_1.bin to data_batch_5.bin and test_batch.bin.';

/** CIFAR-10 in its official binary layout. */
export const cifar10 = definePlugin({
  kind: 'data',
  name: 'cifar10',
  summary: 'CIFAR-10 (32x32, colour, 10 classes) from the official binary files on disk.',
  paper: 'Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.',
  files: [
    {
      url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
      md5: 'c32a1d4ab5d03f1284b67883e8d87530',
      strip: 1,
    },
  ],
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['root'],
    properties: {
      root: {
        type: 'string',
        minLength: 1,
        description:
          'Folder with data_batch_1.bin to data_batch_5.bin and test_batch.bin, relative to the pipeline file.',
      },
      batches: {
        type: 'array',
        items: { type: 'integer', minimum: 1, maximum: 5 },
        minItems: 1,
        uniqueItems: true,
        description: 'Numbers of the files data_batch_*.bin to train on, in this order; default: all five.',
      },
      validation: VALIDATION,
    },
  },
  async create({ root, batches = [1, 2, 3, 4, 5], validation = 0 }, context) {
    const folder = resolve(context.folder, root);
    const used = batches.map((number) => `data_batch_${number}.bin`);
    await requireFiles(folder, [...used, 'test_batch.bin'], LAYOUT);
    const hash = createHash('sha256');
    const files = used.map((name) => join(folder, name));
    const train = await readPlanarRecords(files, RECORDS, hash);
    const test = await readPlanarRecords([join(folder, 'test_batch.bin')], RECORDS, hash);
    const fingerprint = hash.digest('hex');
    return withValidation(
      { name: 'cifar10', classes: CLASSES, shape: [32, 32, 3], train, test, fingerprint },
      validation,
    );
  },
});
