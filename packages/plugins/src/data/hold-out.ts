import { permutation, random, type Split } from '@ssql/core';

/** Two parts of a split: `count` drawn images, and the rest. They depend on the size and the count only, and copy no image. */
export function holdOut(split: Split, count: number): { readonly held: Split; readonly rest: Split } {
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
