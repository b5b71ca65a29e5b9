import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { definePlugin } from '@ssql/core';
import { requireFiles, linesOf } from './files-of.js';
import { VALIDATION, withValidation } from './hold-out.js';
import { readPlanarRecords } from './planar-records.js';

const LAYOUT =
  'Expected the files of cifar-100-binary.tar.gz: train.bin, test.bin, fine_label_names.txt and coarse_label_names.txt.';

/** CIFAR-100 in its official binary layout. */
export const cifar100 = definePlugin({
  kind: 'data',
  name: 'cifar100',
  summary: 'CIFAR-100 (32x32, colour, 100 classes) from the official binary files on disk.',
  paper: 'Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.',
  files: [
    {
      url: 'https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz',
      md5: '03b5dce01913d631647c71ecec9e9cb8',
      strip: 1,
    },
  ],
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['root'],
    properties: {
      root: { type: 'string', minLength: 1, description: 'Folder of the files, relative to the pipeline file.' },
      labels: {
        enum: ['fine', 'coarse'],
        default: 'fine',
        description: '`fine`: 100 classes. `coarse`: 20 groups of them.',
      },
      validation: VALIDATION,
    },
  },
  async create({ root, labels, validation = 0 }, context) {
    const folder = resolve(context.folder, root);
    const names = `${labels}_label_names.txt`;
    await requireFiles(folder, ['train.bin', 'test.bin', names], LAYOUT);
    const classes = linesOf(await readFile(join(folder, names), 'utf8'));
    const hash = createHash('sha256').update(classes.join());
    const records = { labels: 2, label: labels === 'coarse' ? 0 : 1, classes: classes.length };
    const train = await readPlanarRecords([join(folder, 'train.bin')], records, hash);
    const test = await readPlanarRecords([join(folder, 'test.bin')], records, hash);
    const fingerprint = hash.digest('hex');
    return withValidation({ name: 'cifar100', classes, shape: [32, 32, 3], train, test, fingerprint }, validation);
  },
});
