/** Decoded images by what lists them, as many as fit into a budget. */
export interface ImageCache {
  get(image: object): Uint8Array | undefined;
  /** Whether so many more bytes fit. */
  hasRoom(bytes: number): boolean;
  /** Keeps a copy of the pixels if there is room. */
  offer(image: object, pixels: Uint8Array): void;
}

/**
 * Keeps the first images that fit, and drops none: each epoch reads every image once, in another order, so an image that came first is as
 * likely to be the next as any other, and what is dropped would be decoded again.
 * @param budget in bytes
 */
export function imageCache(budget: number): ImageCache {
  const kept = new Map<object, Uint8Array>();
  let room = budget;
  return {
    get: (image) => kept.get(image),
    hasRoom: (bytes) => bytes <= room,
    offer(image, pixels) {
      if (pixels.length > room || kept.has(image)) return;
      kept.set(image, pixels.slice());
      room -= pixels.length;
    },
  };
}

const UNITS: { readonly [unit: string]: number } = { MB: 1e6, GB: 1e9 };

/** The bytes of `500MB` or `2GB`. The schema of the option checked the text. */
export function bytesOf(size: string): number {
  const [, number = '0', unit = 'MB'] = /^(\d+(?:\.\d+)?) ?([MG]B)$/.exec(size) ?? [];
  return Number(number) * UNITS[unit]!;
}
