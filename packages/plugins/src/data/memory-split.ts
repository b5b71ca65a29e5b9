import type { Split } from '@ssql/core';

/** A split whose images [N,H,W,C] are in memory, one byte per value. */
export function memorySplit(images: Uint8Array, labels: Uint8Array): Split {
  const bytes = images.length / labels.length;
  return {
    size: labels.length,
    labels,
    async read(indexes) {
      const batch = new Uint8Array(indexes.length * bytes);
      for (let i = 0; i < indexes.length; i++) {
        const index = indexes[i]!;
        batch.set(images.subarray(index * bytes, (index + 1) * bytes), i * bytes);
      }
      return batch;
    },
  };
}
