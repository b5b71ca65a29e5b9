import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';

/** An image whose pixels follow from its size, [height, width, channels]. */
export function drawn(height: number, width: number, channels: 1 | 2 | 3 | 4 = 3): Sharp {
  const values = Uint8Array.from({ length: height * width * channels }, (_, index) => (index * 7919) % 251);
  return sharp(values, { raw: { width, height, channels } });
}

/** An image of one colour. */
export function plain(height: number, width: number, [r, g, b]: readonly [number, number, number]): Sharp {
  return sharp({ create: { width, height, channels: 3, background: { r, g, b } } });
}

/** Writes files by their paths in a folder. */
export function writeFiles(folder: string, files: { readonly [path: string]: Uint8Array | string }): void {
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}
