import { closeSync, mkdirSync, statfsSync } from 'node:fs';
import { openNamelessFile } from '../nameless-file.js';
import { imagesNotKept } from './image-errors.js';

/** Where an image is, or will be, in the file. */
export interface DiskPlace {
  /** The open file, which all threads of a process share. */
  readonly file: number;
  readonly from: number;
  /** Whether its pixels are there. */
  readonly written: boolean;
}

/** Decoded images on disk, for which memory has no room. */
export interface DiskCache {
  /** The place of an image; none if there is no room. */
  place(image: object): DiskPlace | undefined;
  /** Notes that the pixels of an image were written to its place. */
  wrote(image: object): void;
  close(): void;
}

/**
 * A file without a name, made when the first image gets a place.
 * @param limit in bytes; the file takes at most half of the space that is free when it is made
 * @throws SsqlError IMAGES_NOT_KEPT where the file is made
 */
export function diskCache(folder: string, imageBytes: number, limit = Infinity): DiskCache {
  const places = new Map<object, DiskPlace>();
  let open: { readonly file: number; readonly room: number } | undefined;
  return {
    place(image) {
      const known = places.get(image);
      if (known !== undefined || limit < imageBytes) return known;
      const { file, room } = (open ??= openFile(folder, limit));
      const from = places.size * imageBytes;
      if (from + imageBytes > room) return undefined;
      const place = { file, from, written: false };
      places.set(image, place);
      return place;
    },
    wrote(image) {
      const place = places.get(image);
      if (place !== undefined) places.set(image, { ...place, written: true });
    },
    close() {
      if (open !== undefined) closeSync(open.file);
      open = undefined;
    },
  };
}

function openFile(folder: string, limit: number): { readonly file: number; readonly room: number } {
  try {
    mkdirSync(folder, { recursive: true });
    const { bavail, bsize } = statfsSync(folder);
    return { file: openNamelessFile(folder), room: Math.min(limit, (bavail * bsize) / 2) };
  } catch (cause) {
    throw imagesNotKept(cause);
  }
}
