import { permutation, random, type Dataset, type Split } from '@ssql/core';
import { dataInvalid } from './data-errors.js';

/** The option of `withValidation`. */
export const VALIDATION = {
  type: 'integer',
  minimum: 1,
  description:
    "Number of training images that form the split `validation` instead, always the same ones; default: none. The pipeline's seed does not change the split.",
} as const;

/** The dataset with a number of training images in the split `validation`; 0: as it is. @throws SsqlError DATA_INVALID */
export function withValidation(dataset: Dataset, validation: number): Dataset {
  const { name, train, splits } = dataset;
  if (validation === 0) return dataset;
  if (validation >= train.size)
    throw dataInvalid(`${name}: validation is ${validation}; expected fewer than the ${train.size} training images.`);
  const { held, rest } = holdOut(train, validation);
  return { ...dataset, train: rest, splits: { ...splits, validation: held } };
}

/** Two parts of a split: `count` drawn images, and the rest. They depend on the size and the count only, and copy no image. */
function holdOut(split: Split, count: number): { readonly held: Split; readonly rest: Split } {
  const order = permutation(split.size, random(0, 'hold out'));
  return { held: partOf(split, order.slice(0, count).sort()), rest: partOf(split, order.slice(count).sort()) };
}

function partOf({ labels, read }: Split, images: Uint32Array): Split {
  const of = (index: number): number => images[index]!;
  return {
    size: images.length,
    ...(labels && { labels: Uint8Array.from(images, (image) => labels[image]!) }),
    read: (indexes) => read(Array.from(indexes, of)),
  };
}
