import { createHash, type Hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { definePlugin, type Split } from '@ssql/core';
import { dataInvalid, dataMissing, dataTruncated, dataUnreadable } from './data-errors.js';
import { holdOut } from './hold-out.js';
import { memorySplit } from './memory-split.js';

const CLASSES = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'] as const;
const PLANE = 32 * 32;
const IMAGE_BYTES = 3 * PLANE;
const RECORD_BYTES = 1 + IMAGE_BYTES;
const LAYOUT = 'Expected the files of cifar-10-binary.tar.gz: data_batch_1.bin to data_batch_5.bin and test_batch.bin.';

/** CIFAR-10 in its official binary layout. */
export const cifar10 = definePlugin({
  kind: 'data',
  name: 'cifar10',
  summary: 'CIFAR-10 (32x32, colour, 10 classes) from the official binary files on disk.',
  paper: 'Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.',
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
      validation: {
        type: 'integer',
        minimum: 1,
        description:
          "Number of training images that form the split `validation` instead, always the same ones; default: none. The pipeline's seed does not change the split.",
      },
    },
  },
  async create({ root, batches = [1, 2, 3, 4, 5], validation = 0 }, context) {
    const folder = resolve(context.folder, root);
    const names = await readdir(folder).catch((cause: unknown) => {
      throw dataMissing(`The folder ${folder}`, LAYOUT, cause);
    });
    const used = batches.map((number) => `data_batch_${number}.bin`);
    for (const name of [...used, 'test_batch.bin'])
      if (!names.includes(name))
        throw dataMissing(join(folder, name), names.includes(`${name}.gz`) ? `Unpack ${name}.gz.` : LAYOUT);
    const hash = createHash('sha256');
    const files = used.map((name) => join(folder, name));
    const train = await readSplit(files, hash);
    const test = await readSplit([join(folder, 'test_batch.bin')], hash);
    const fingerprint = hash.digest('hex');
    const dataset = { name: 'cifar10', classes: CLASSES, shape: [32, 32, 3], test, fingerprint } as const;
    if (validation === 0) return { ...dataset, train };
    if (validation >= train.size)
      throw dataInvalid(`cifar10: validation is ${validation}; expected fewer than the ${train.size} training images.`);
    const held = holdOut(train, validation);
    return { ...dataset, train: held.rest, splits: { validation: held.held } };
  },
});

async function readSplit(files: readonly string[], hash: Hash): Promise<Split> {
  const contents: Uint8Array[] = [];
  for (const file of files) {
    const bytes = await readFile(file).catch((cause: unknown) => {
      throw dataUnreadable(file, cause);
    });
    if (bytes.length === 0 || bytes.length % RECORD_BYTES !== 0) throw dataTruncated(file, bytes.length, RECORD_BYTES);
    hash.update(bytes);
    contents.push(bytes);
  }
  const size = contents.reduce((sum, bytes) => sum + bytes.length / RECORD_BYTES, 0);
  const images = new Uint8Array(size * IMAGE_BYTES);
  const labels = new Uint8Array(size);
  let to = 0;
  contents.forEach((bytes, index) => {
    for (let from = 0; from < bytes.length; from += RECORD_BYTES, to++) {
      const label = bytes[from]!;
      if (label >= CLASSES.length) {
        const record = from / RECORD_BYTES;
        throw dataInvalid(
          `${files[index]} (${bytes.length} bytes): label ${label} in record ${record}; expected 0 to ${CLASSES.length - 1}.`,
        );
      }
      labels[to] = label;
      interleave(
        bytes.subarray(from + 1, from + RECORD_BYTES),
        images.subarray(to * IMAGE_BYTES, (to + 1) * IMAGE_BYTES),
      );
    }
  });
  return memorySplit(images, labels);
}

/** Converts an image from planes, CHW, to pixels, HWC. */
function interleave(planes: Uint8Array, pixels: Uint8Array): void {
  for (let i = 0; i < PLANE; i++) {
    pixels[3 * i] = planes[i]!;
    pixels[3 * i + 1] = planes[PLANE + i]!;
    pixels[3 * i + 2] = planes[2 * PLANE + i]!;
  }
}
