import { createHash } from 'node:crypto';
import type { PluginContext, Product, Split } from '@ssql/core';
import { dataInvalid } from '../data-errors.js';
import type { BrokenImage, EncodedImage } from './decode-images.js';
import { diskCache } from './disk-cache.js';
import { bytesOf, imageCache } from './image-cache.js';
import { imageDecoder } from './image-decoder.js';
import { imageBroken, imagesNotKept } from './image-errors.js';

/** An image that a source lists. Sources decode nothing. */
export interface ListedImage extends EncodedImage {
  /** Within the dataset, wherever its folder is. */
  readonly path: string;
  /** Of the encoded image. */
  readonly bytes: number;
  /** The position in `classes`; default: unlabelled. */
  readonly label?: number;
}

/** What a source lists. */
export interface ImageListing {
  readonly name: string;
  readonly classes: readonly string[];
  /** `train`, `test` and others. A split is labelled if all its images are. */
  readonly splits: ImageSplits;
  /** Frees what the images are in. */
  readonly close?: () => void;
}

export interface ImageSplits {
  readonly train: readonly ListedImage[];
  readonly test: readonly ListedImage[];
  readonly [name: string]: readonly ListedImage[];
}

/** The options of `IMAGE_OPTIONS`. */
export interface ReadingOptions {
  readonly size: number;
  readonly onError: 'fail' | 'skip';
  readonly workers?: number;
  readonly cache: string;
  readonly disk?: string;
}

type Read = (images: readonly ListedImage[]) => Promise<ReadImages>;

interface ReadImages {
  readonly pixels: Uint8Array;
  readonly broken: readonly BrokenImage[];
}

/** Images that are decoded at once where all are checked. */
const CHECKED_AT_ONCE = 128;

/**
 * A dataset of encoded images, which are decoded when they are read. Its fingerprint depends on paths, lengths and labels, not on every byte.
 * @throws SsqlError DATA_INVALID if a split is empty, IMAGE_BROKEN where reading finds such an image, IMAGES_NOT_KEPT if the disk is full
 */
export async function imageDataset(
  { name, classes, splits: listed, close: closeSource }: ImageListing,
  { size, onError, workers, cache, disk }: ReadingOptions,
  { scratch }: Pick<PluginContext, 'scratch'>,
): Promise<Product<'data'>> {
  const decoder = imageDecoder(workers);
  const close = async (): Promise<void> => {
    await decoder.close();
    stored?.close();
    closeSource?.();
  };
  const imageBytes = size * size * 3;
  const kept = imageCache(bytesOf(cache));
  const stored =
    scratch === undefined ? undefined : diskCache(scratch, imageBytes, disk === undefined ? disk : bytesOf(disk));
  const read: Read = async (images) => {
    const shared = new SharedArrayBuffer(images.length * imageBytes);
    const pixels = new Uint8Array(shared);
    let claimed = 0;
    const missing = images.flatMap((image, at) => {
      const decoded = kept.get(image);
      if (decoded === undefined) {
        claimed += imageBytes;
        const place = kept.hasRoom(claimed) ? undefined : stored?.place(image);
        return [{ at, image: encodedOf(image), ...(place && { place }) }];
      }
      pixels.set(decoded, at * imageBytes);
      return [];
    });
    if (missing.length === 0) return { pixels, broken: [] };
    const { broken, notKept } = await decoder.decode({ pixels: shared, height: size, width: size, images: missing });
    if (notKept !== undefined) throw imagesNotKept(notKept);
    const without = new Set(broken.map(({ at }) => at));
    for (const { at, place } of missing) {
      if (without.has(at)) continue;
      if (place === undefined) kept.offer(images[at]!, pixels.subarray(at * imageBytes, (at + 1) * imageBytes));
      else stored?.wrote(images[at]!);
    }
    return { pixels, broken };
  };
  try {
    const { splits, notes } = onError === 'skip' ? await withoutBroken(listed, read) : { splits: listed, notes: [] };
    const entries = Object.entries(splits);
    const empty = entries.find(([, images]) => images.length === 0);
    if (empty !== undefined) throw dataInvalid(`${name}: the split \`${empty[0]}\` has no images.`);
    const { train, test, ...others } = Object.fromEntries(
      entries.map(([key, images]) => [key, splitOf(images, read)]),
    ) as { readonly train: Split; readonly test: Split }; // `splits` has them
    return {
      name,
      classes,
      shape: [size, size, 3],
      train,
      test,
      splits: others,
      fingerprint: fingerprintOf(classes, splits),
      notes,
      dispose: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a decoder needs, which is sent to its thread. */
function encodedOf({ file, range }: ListedImage): EncodedImage {
  return range === undefined ? { file } : { file, range };
}

function splitOf(images: readonly ListedImage[], read: Read): Split {
  const labels = images.map(({ label }) => label);
  return {
    size: images.length,
    ...(labels.every((label) => label !== undefined) && { labels: Uint16Array.from(labels) }),
    async read(indexes) {
      const batch = Array.from(indexes, (index) => images[index]!);
      const { pixels, broken } = await read(batch);
      const [first] = broken;
      if (first !== undefined) throw imageBroken(nameOf(batch[first.at]!), first, broken.length - 1);
      return pixels;
    },
  };
}

/** Decodes all images once. */
async function withoutBroken(
  splits: ImageSplits,
  read: Read,
): Promise<{ readonly splits: ImageSplits; readonly notes: readonly string[] }> {
  const reasons = new Map<ListedImage, string>();
  const all = [...new Set(Object.values(splits).flat())];
  for (let first = 0; first < all.length; first += CHECKED_AT_ONCE) {
    const images = all.slice(first, first + CHECKED_AT_ONCE);
    const { broken } = await read(images);
    for (const { at, reason } of broken) reasons.set(images[at]!, reason);
  }
  if (reasons.size === 0) return { splits, notes: [] };
  const readable = (images: readonly ListedImage[]) => images.filter((image) => !reasons.has(image));
  const [[image, reason] = []] = reasons;
  return {
    splits: { train: [], test: [], ...mapValues(splits, readable) },
    notes: [
      `${reasons.size} of ${all.length} images cannot be decoded and are left out. The first: ${nameOf(image!)}: ${reason}.`,
    ],
  };
}

function mapValues<T>(record: { readonly [name: string]: T }, map: (value: T) => T): { readonly [name: string]: T } {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

function nameOf({ file, name = String(file) }: EncodedImage): string {
  return name;
}

function fingerprintOf(classes: readonly string[], splits: ImageSplits): string {
  const hash = createHash('sha256').update(JSON.stringify(classes));
  for (const [split, images] of Object.entries(splits)) {
    hash.update(split);
    for (const { path, bytes, label } of images) hash.update(JSON.stringify([path, bytes, label]));
  }
  return hash.digest('hex');
}
