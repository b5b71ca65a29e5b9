import { definePlugin, random } from '@ssql/core';

/** Images of noise: what a step costs does not depend on what they show. */
const randomImages = definePlugin({
  kind: 'data',
  name: 'random-images',
  summary: 'Images of noise, for measurements.',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['count'],
    properties: {
      count: { type: 'integer', minimum: 1, description: 'Training images.' },
      size: { type: 'integer', minimum: 1, default: 32, description: 'Height and width.' },
    },
  },
  create({ count, size: side }) {
    const shape = [side, side, 3];
    const bytes = side * side * 3;
    const source = random(0, 'random-images');
    const noise = Uint8Array.from({ length: 64 * bytes }, () => source.integer(256));
    const split = (size) => ({
      size,
      labels: new Uint8Array(size),
      async read(indexes) {
        const images = new Uint8Array(indexes.length * bytes);
        indexes.forEach((index, i) =>
          images.set(noise.subarray((index % 64) * bytes, ((index % 64) + 1) * bytes), i * bytes),
        );
        return images;
      },
    });
    return {
      name: 'random-images',
      classes: ['noise'],
      shape,
      train: split(count),
      test: split(1),
      fingerprint: `${count}`,
    };
  },
});

export const plugins = [randomImages];
