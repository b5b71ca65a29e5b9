import { createHash } from 'node:crypto';
import { definePlugin, random, type Dataset, type Split } from '@ssql/core';

const SIDE = 16;
const CLASSES = ['horizontal', 'vertical'] as const;

/** Noisy stripes, made when they are read, so that any number of images needs no memory. */
export const data = definePlugin({
  kind: 'data',
  name: 'template-name',
  summary: 'Noisy stripes in two directions (16x16, gray).',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      train: { description: 'Number of training images.', type: 'integer', minimum: 1, default: 512 },
      test: { description: 'Number of test images.', type: 'integer', minimum: 1, default: 128 },
    },
  },
  create: ({ train, test }): Dataset => ({
    name: 'template-name',
    classes: CLASSES,
    shape: [SIDE, SIDE, 1],
    train: split('train', train),
    test: split('test', test),
    // Data that is read from files hashes their bytes.
    fingerprint: createHash('sha256').update(`stripes 1 ${train} ${test}`).digest('hex'),
  }),
});

export const plugins = [data];

function split(name: string, size: number): Split {
  return {
    size,
    labels: Uint8Array.from({ length: size }, (_, index) => index % CLASSES.length),
    async read(indexes) {
      const images = new Uint8Array(indexes.length * SIDE * SIDE);
      for (let at = 0; at < indexes.length; at++) draw(images.subarray(at * SIDE * SIDE), name, indexes[at]!);
      return images;
    },
  };
}

/** Draws an image: a function of the split and the index. */
function draw(pixels: Uint8Array, name: string, index: number): void {
  const source = random(1, name, index);
  const [period, phase] = [source.between(3, 8), source.between(0, 8)];
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; column++) {
      const along = index % CLASSES.length === 0 ? row : column;
      const value = 0.5 + 0.4 * Math.sin((2 * Math.PI * (along + phase)) / period) + 0.1 * source.normal();
      pixels[row * SIDE + column] = Math.round(255 * Math.min(1, Math.max(0, value)));
    }
}
