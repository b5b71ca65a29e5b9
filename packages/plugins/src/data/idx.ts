import { createHash, type Hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { definePlugin, refuseSpecialFile, type Split } from '@ssql/core';
import { dataInvalid, dataMissing } from './data-errors.js';
import { VALIDATION, withValidation } from './hold-out.js';
import { memorySplit } from './memory-split.js';
import { reasonOf } from './reason-of.js';

/** Data in the IDX files of MNIST. */
export const idx = definePlugin({
  kind: 'data',
  name: 'idx',
  summary:
    'MNIST, Fashion-MNIST, KMNIST, EMNIST and others in IDX files, packed (.gz) or not: gray images of one size.',
  paper: 'LeCun et al., Gradient-Based Learning Applied to Document Recognition, 1998.',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['root'],
    properties: {
      root: {
        type: 'string',
        minLength: 1,
        description: 'Folder of the files, such as train-images-idx3-ubyte.gz, relative to the pipeline file.',
      },
      train: {
        type: 'string',
        minLength: 1,
        default: 'train',
        description: 'How the names of the training files begin.',
      },
      test: {
        type: 'string',
        minLength: 1,
        default: 't10k',
        description: 'How the names of the test files begin; for EMNIST such as emnist-letters-test.',
      },
      validation: VALIDATION,
    },
  },
  async create({ root, train, test, validation = 0 }, context) {
    const folder = resolve(context.folder, root);
    const hash = createHash('sha256');
    const read = (begin: string) => readSplit(folder, begin, hash);
    const [training, testing] = [await read(train), await read(test)];
    if (training.side.join() !== testing.side.join())
      throw dataInvalid(
        `idx: training images are ${training.side.join('x')} and test images ${testing.side.join('x')}.`,
      );
    const labels = [training, testing].flatMap(({ split }) => [...new Set(split.labels)]);
    const classes = Array.from({ length: Math.max(...labels) + 1 }, (_, label) => `${label}`);
    const [height, width] = training.side;
    return withValidation(
      {
        name: 'idx',
        classes,
        shape: [height, width, 1],
        train: training.split,
        test: testing.split,
        fingerprint: hash.digest('hex'),
      },
      validation,
    );
  },
});

async function readSplit(
  folder: string,
  begin: string,
  hash: Hash,
): Promise<{ readonly split: Split; readonly side: readonly [height: number, width: number] }> {
  const images = await readArray(folder, `${begin}-images`, 3, hash);
  const labels = await readArray(folder, `${begin}-labels`, 1, hash);
  const [count, height, width] = images.sizes as [number, number, number]; // of three dimensions
  if (labels.values.length !== count || count === 0)
    throw dataInvalid(`${images.file} has ${count} images, and ${labels.file} ${labels.values.length} labels.`);
  if (height === 0 || width === 0) throw dataInvalid(`${images.file} has images of ${height}x${width} pixels.`);
  return { split: memorySplit(images.values, labels.values), side: [height, width] };
}

/** An array of bytes: its header is 0, 0, the type 8, the number of dimensions, and their sizes. */
async function readArray(
  folder: string,
  name: string,
  dimensions: number,
  hash: Hash,
): Promise<{ readonly file: string; readonly sizes: readonly number[]; readonly values: Uint8Array }> {
  const names = [`${name}-idx${dimensions}-ubyte`, `${name}.idx${dimensions}-ubyte`].flatMap((each) => [
    each,
    `${each}.gz`,
  ]);
  const file = names.map((each) => join(folder, each)).find((each) => existsSync(each));
  if (file === undefined) throw dataMissing(join(folder, names[0]!), `Expected one of the files ${names.join(', ')}.`);
  refuseSpecialFile(file);
  const bytes = unpacked(file, await readFile(file));
  hash.update(bytes);
  const header = 4 + 4 * dimensions;
  const expected = [0, 0, 8, dimensions];
  if (bytes.length < header || expected.some((byte, index) => bytes[index] !== byte))
    throw dataInvalid(`${file} is no IDX file of bytes in ${dimensions} dimensions. Download it again.`);
  const sizes = Array.from({ length: dimensions }, (_, index) => bytes.readUInt32BE(4 + 4 * index));
  const values = bytes.subarray(header);
  const count = sizes.reduce((product, size) => product * size, 1);
  if (values.length !== count)
    throw dataInvalid(`${file} has ${values.length} bytes after its header; expected ${sizes.join(' x ')} = ${count}.`);
  return { file, sizes, values };
}

function unpacked(file: string, bytes: Buffer): Buffer {
  if (!file.endsWith('.gz')) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw dataInvalid(`${file} cannot be unpacked: ${reasonOf(error)}.`);
  }
}
