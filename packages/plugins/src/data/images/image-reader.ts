import type { BrokenImage, EncodedImage } from './decode-images.js';
import { diskCache } from './disk-cache.js';
import { bytesOf, imageCache } from './image-cache.js';
import type { ListedImage } from './image-dataset.js';
import { imageDecoder } from './image-decoder.js';
import { imagesNotKept } from './image-errors.js';
import { sharedMemory } from './shared-memory.js';

/** Reads images: from memory, from disk, or by decoding them. */
export interface ImageReader {
  /**
   * @param whole whether images are kept whole, in the upper left corners of their arrays
   * @throws SsqlError IMAGES_NOT_KEPT if the disk is full
   */
  read(images: readonly ListedImage[], whole: boolean): Promise<ReadImages>;
  close(): Promise<void>;
}

export interface ReadImages {
  /** [N,size,size,3]; zeros where images are broken. */
  readonly pixels: Uint8Array;
  /** [N,2], heights and widths of images that are kept whole. */
  readonly sizes: Uint16Array;
  readonly broken: readonly BrokenImage[];
}

export interface ReaderSettings {
  readonly size: number;
  readonly workers?: number;
  /** The memory for decoded images, and the disk space for those that do not fit; default: as much as `diskCache` takes. */
  readonly cache: string;
  readonly disk?: string;
  /** The folder of the disk space; default: none. */
  readonly scratch?: string;
}

/** A decoded image in the caches. */
interface Version {
  /** [height, width], when it is known. */
  size?: readonly [height: number, width: number];
}

export function imageReader({ size, workers, cache, disk, scratch }: ReaderSettings): ImageReader {
  const decoder = imageDecoder(workers);
  const imageBytes = size * size * 3;
  const memory = sharedMemory();
  const kept = imageCache(bytesOf(cache));
  const stored =
    scratch === undefined ? undefined : diskCache(scratch, imageBytes, disk === undefined ? disk : bytesOf(disk));
  const versions = { whole: new WeakMap<ListedImage, Version>(), cut: new WeakMap<ListedImage, Version>() };
  const versionOf = (image: ListedImage, whole: boolean): Version => {
    const known = versions[whole ? 'whole' : 'cut'];
    const version = known.get(image) ?? {};
    known.set(image, version);
    return version;
  };
  return {
    async read(images, whole) {
      const bytes = images.length * imageBytes;
      const shared = memory.take(bytes);
      const sharedSizes = new SharedArrayBuffer(images.length * 4);
      const [pixels, sizes] = [new Uint8Array(shared, 0, bytes), new Uint16Array(sharedSizes)];
      /** Copies, because the memory is used again. An error keeps it: threads may be writing to it. */
      const result = (broken: readonly BrokenImage[]): ReadImages => {
        const copies = { pixels: pixels.slice(), sizes: sizes.slice(), broken };
        memory.giveBack(shared);
        return copies;
      };
      let claimed = 0;
      const missing = images.flatMap((image, at) => {
        const version = versionOf(image, whole);
        sizes.set(version.size ?? [], 2 * at);
        const decoded = kept.get(version);
        if (decoded === undefined) {
          claimed += imageBytes;
          const place = kept.hasRoom(claimed) ? undefined : stored?.place(version);
          return [{ at, image: encodedOf(image), ...(place && { place }) }];
        }
        pixels.set(decoded, at * imageBytes);
        return [];
      });
      if (missing.length === 0) return result([]);
      const task = { pixels: shared, height: size, width: size, images: missing };
      const { broken, notKept } = await decoder.decode(whole ? { ...task, sizes: sharedSizes } : task);
      if (notKept !== undefined) throw imagesNotKept(notKept);
      const without = new Set(broken.map(({ at }) => at));
      for (const { at, place } of missing) {
        if (without.has(at) || place?.written === true) continue;
        const version = versionOf(images[at]!, whole);
        version.size = [sizes[2 * at]!, sizes[2 * at + 1]!];
        if (place === undefined) kept.offer(version, pixels.subarray(at * imageBytes, (at + 1) * imageBytes));
        else stored?.wrote(version);
      }
      return result(broken);
    },
    async close() {
      await decoder.close();
      stored?.close();
    },
  };
}

/** What a decoder needs, which is sent to its thread. */
function encodedOf({ file, range }: ListedImage): EncodedImage {
  return range === undefined ? { file } : { file, range };
}
