import type { Hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Split } from '@ssql/core';
import { dataInvalid, dataTruncated, dataUnreadable } from './data-errors.js';
import { memorySplit } from './memory-split.js';
import { planesToPixels } from './planes-to-pixels.js';

/** The records of the CIFAR files: bytes of labels, then an image of 32x32 pixels in planes of red, green and blue. */
export interface PlanarRecords {
  /** Bytes before the image. */
  readonly labels: number;
  /** The byte that is the label. */
  readonly label: number;
  readonly classes: number;
}

const SIDE = 32;
const IMAGE_BYTES = 3 * SIDE * SIDE;

/** Reads the records of files, in order, into a split in memory. @throws SsqlError DATA_UNREADABLE, DATA_TRUNCATED, DATA_INVALID */
export async function readPlanarRecords(
  files: readonly string[],
  { labels: before, label: at, classes }: PlanarRecords,
  hash: Hash,
): Promise<Split> {
  const recordBytes = before + IMAGE_BYTES;
  const contents: Uint8Array[] = [];
  for (const file of files) {
    const bytes = await readFile(file).catch((cause: unknown) => {
      throw dataUnreadable(file, cause);
    });
    if (bytes.length === 0 || bytes.length % recordBytes !== 0) throw dataTruncated(file, bytes.length, recordBytes);
    hash.update(bytes);
    contents.push(bytes);
  }
  const size = contents.reduce((sum, bytes) => sum + bytes.length / recordBytes, 0);
  const images = new Uint8Array(size * IMAGE_BYTES);
  const labels = new Uint8Array(size);
  let to = 0;
  contents.forEach((bytes, index) => {
    for (let from = 0; from < bytes.length; from += recordBytes, to++) {
      const label = bytes[from + at]!;
      if (label >= classes) {
        const record = from / recordBytes;
        throw dataInvalid(
          `${files[index]} (${bytes.length} bytes): label ${label} in record ${record}; expected 0 to ${classes - 1}.`,
        );
      }
      labels[to] = label;
      planesToPixels(
        bytes.subarray(from + before, from + recordBytes),
        images.subarray(to * IMAGE_BYTES, (to + 1) * IMAGE_BYTES),
        SIDE,
        'by rows',
      );
    }
  });
  return memorySplit(images, labels);
}
