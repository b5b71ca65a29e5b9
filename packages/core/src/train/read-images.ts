import type { Split } from '../kinds/data.js';

/** Images as training gets them. */
export interface TrainingImages {
  readonly images: Uint8Array;
  /** Their heights and widths, if they were read whole. */
  readonly sizes?: Uint16Array;
}

/** Reads images for training: whole, if the split can. */
export async function readImages(split: Split, samples: ArrayLike<number>): Promise<TrainingImages> {
  if (split.readWhole === undefined) return { images: await split.read(samples) };
  const { pixels, sizes } = await split.readWhole(samples);
  return { images: pixels, sizes };
}
