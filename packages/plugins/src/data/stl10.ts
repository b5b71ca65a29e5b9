import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { definePlugin, refuseSpecialFile, type Split } from '@ssql/core';
import { dataInvalid, dataTruncated } from './data-errors.js';
import { linesOf, requireFiles } from './files-of.js';
import { VALIDATION, withValidation } from './hold-out.js';
import { planesToPixels } from './planes-to-pixels.js';

const SIDE = 96;
const IMAGE_BYTES = 3 * SIDE * SIDE;
const LAYOUT =
  'Expected the files of stl10_binary.tar.gz: train_X.bin, train_y.bin, test_X.bin, test_y.bin, class_names.txt and unlabeled_X.bin.';

/** STL-10 in its official binary layout. Images are read from the files when they are needed. */
export const stl10 = definePlugin({
  kind: 'data',
  name: 'stl10',
  summary: 'STL-10 (96x96, colour, 10 classes) from the official binary files on disk, with its split `unlabelled`.',
  paper: 'Coates et al., An Analysis of Single-Layer Networks in Unsupervised Feature Learning, 2011.',
  files: [
    {
      url: 'http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz',
      md5: '91f7769df0f17e558f3565bffb0c7dfb',
      strip: 1,
    },
  ],
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['root'],
    properties: {
      root: { type: 'string', minLength: 1, description: 'Folder of the files, relative to the pipeline file.' },
      validation: VALIDATION,
    },
  },
  async create({ root, validation = 0 }, context) {
    const folder = resolve(context.folder, root);
    await requireFiles(folder, ['train_X.bin', 'train_y.bin', 'test_X.bin', 'test_y.bin', 'class_names.txt'], LAYOUT);
    const at = (name: string): string => join(folder, name);
    const classes = linesOf(await readFile(at('class_names.txt'), 'utf8'));
    const train = await fileSplit(at('train_X.bin'), await readLabels(at('train_y.bin'), classes.length));
    const test = await fileSplit(at('test_X.bin'), await readLabels(at('test_y.bin'), classes.length));
    const unlabelled = existsSync(at('unlabeled_X.bin')) ? await fileSplit(at('unlabeled_X.bin')) : undefined;
    const hash = createHash('sha256').update(classes.join());
    // The files of images have gigabytes: their sizes and their first images stand for them.
    for (const split of [train, test, ...(unlabelled ? [unlabelled] : [])])
      hash
        .update(`${split.size}`)
        .update(split.labels ?? '')
        .update(await split.read([0]));
    return withValidation(
      {
        name: 'stl10',
        classes,
        shape: [SIDE, SIDE, 3],
        train,
        test,
        ...(unlabelled && { splits: { unlabelled } }),
        fingerprint: hash.digest('hex'),
      },
      validation,
    );
  },
});

/** Labels from 1 in the file, from 0 here. */
async function readLabels(file: string, classes: number): Promise<Uint8Array> {
  const labels = (await readFile(file)).map((label) => label - 1);
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong >= 0)
    throw dataInvalid(`${file}: label ${(labels[wrong]! + 1) % 256} at ${wrong}; expected 1 to ${classes}.`);
  return Uint8Array.from(labels);
}

async function fileSplit(file: string, labels?: Uint8Array): Promise<Split> {
  refuseSpecialFile(file);
  const { size: bytes } = await stat(file);
  if (bytes === 0 || bytes % IMAGE_BYTES !== 0) throw dataTruncated(file, bytes, IMAGE_BYTES);
  const size = bytes / IMAGE_BYTES;
  if (labels !== undefined && labels.length !== size)
    throw dataInvalid(`${file} has ${size} images, and there are ${labels.length} labels.`);
  return {
    size,
    ...(labels && { labels }),
    async read(indexes) {
      const batch = new Uint8Array(indexes.length * IMAGE_BYTES);
      const stored = new Uint8Array(IMAGE_BYTES);
      const handle = await open(file);
      try {
        for (let at = 0; at < indexes.length; at++) {
          const { bytesRead } = await handle.read(stored, 0, IMAGE_BYTES, indexes[at]! * IMAGE_BYTES);
          if (bytesRead < IMAGE_BYTES) throw dataTruncated(file, bytesRead, IMAGE_BYTES);
          planesToPixels(stored, batch.subarray(at * IMAGE_BYTES, (at + 1) * IMAGE_BYTES), SIDE, 'by columns');
        }
      } finally {
        await handle.close();
      }
      return batch;
    },
  };
}
