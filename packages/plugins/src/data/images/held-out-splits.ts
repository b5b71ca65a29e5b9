import { permutation, random } from '@ssql/core';
import type { ImageSplits, ListedImage } from './image-dataset.js';
import { SHARE } from './image-options.js';

/** Options of sources whose data may have no test or validation images of its own. */
export const HELD_OUT_OPTIONS = {
  test: {
    ...SHARE,
    default: 0.1,
    description: 'Share of the images that form the split `test`, always the same ones, if the data has no such split.',
  },
  validation: {
    ...SHARE,
    description: 'Share of the training images that form the split `validation` instead; default: none.',
  },
} as const;

/** Completes the splits of a source by images that are held out from training. */
export function heldOutSplits(
  { train = [], ...others }: { readonly [name: string]: readonly ListedImage[] },
  { test, validation }: { readonly test: number; readonly validation?: number },
): ImageSplits {
  const tested = others['test'] === undefined ? holdOut(train, test) : { held: others['test'], rest: train };
  const validated = validation === undefined ? undefined : holdOut(tested.rest, validation);
  return {
    ...others,
    train: validated?.rest ?? tested.rest,
    test: tested.held,
    ...(validated && { validation: validated.held }),
  };
}

/** A drawn share of at least one item, and the rest. They depend on the number of items and the share only, and keep the order. */
function holdOut<T>(items: readonly T[], share: number): { readonly held: readonly T[]; readonly rest: readonly T[] } {
  const order = permutation(items.length, random(0, 'hold out'));
  const held = new Set(order.subarray(0, Math.max(1, Math.round(items.length * share))));
  return { held: items.filter((_, index) => held.has(index)), rest: items.filter((_, index) => !held.has(index)) };
}
