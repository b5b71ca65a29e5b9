import { createHash } from 'node:crypto';
import type { PluginContext, Product, Split } from '@ssql/core';
import { dataInvalid } from '../data-errors.js';
import type { EncodedImage } from './decode-images.js';
import { imageBroken } from './image-errors.js';
import { originalSizes } from './original-sizes.js';
import { imageReader, type ImageReader, type ReadImages } from './image-reader.js';

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
  /** Sentences for users; default: none. */
  readonly notes?: readonly string[];
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
  readonly whole?: boolean;
  readonly onError: 'fail' | 'skip';
  readonly workers?: number;
  readonly cache: string;
  readonly disk?: string;
}

/** Labels have 16 bits. */
const MOST_CLASSES = 2 ** 16;

/** Images that are decoded at once where all are checked. */
const CHECKED_AT_ONCE = 128;

/**
 * A dataset of encoded images, which are decoded when they are read. Its fingerprint depends on paths, lengths and labels, not on every byte.
 * @throws SsqlError DATA_INVALID if a split is empty, IMAGE_BROKEN where reading finds such an image, IMAGES_NOT_KEPT if the disk is full
 */
export async function imageDataset(
  { name, classes, splits: listed, notes: ofSource = [], close: closeSource }: ImageListing,
  { onError, whole = false, ...reading }: ReadingOptions,
  { scratch }: Pick<PluginContext, 'scratch'>,
): Promise<Product<'data'>> {
  if (classes.length > MOST_CLASSES)
    throw dataInvalid(`${name}: there are ${classes.length} classes. Expected at most ${MOST_CLASSES}.`);
  const reader = imageReader({ ...reading, ...(scratch !== undefined && { scratch }) });
  const close = async (): Promise<void> => {
    await reader.close();
    closeSource?.();
  };
  try {
    const { splits, notes } =
      onError === 'skip' ? await withoutBroken(listed, reader, whole) : { splits: listed, notes: [] };
    const entries = Object.entries(splits);
    const empty = entries.find(([, images]) => images.length === 0);
    if (empty !== undefined) throw dataInvalid(`${name}: the split \`${empty[0]}\` has no images.`);
    const { train, test, ...others } = Object.fromEntries(
      entries.map(([key, images]) => [key, splitOf(images, reader, whole)]),
    ) as { readonly train: Split; readonly test: Split }; // `splits` has them
    return {
      name,
      classes,
      shape: [reading.size, reading.size, 3],
      train,
      test,
      splits: others,
      fingerprint: fingerprintOf(classes, splits),
      notes: [...ofSource, ...notes],
      dispose: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function splitOf(images: readonly ListedImage[], reader: ImageReader, whole: boolean): Split {
  const labels = images.map(({ label }) => label);
  const read = async (indexes: ArrayLike<number>, kept: boolean): Promise<ReadImages> => {
    const batch = Array.from(indexes, (index) => images[index]!);
    const result = await reader.read(batch, kept);
    const [first] = result.broken;
    if (first !== undefined) throw imageBroken(nameOf(batch[first.at]!), first, result.broken.length - 1);
    return result;
  };
  return {
    size: images.length,
    ...(labels.every((label) => label !== undefined) && { labels: Uint16Array.from(labels) }),
    read: async (indexes) => (await read(indexes, false)).pixels,
    originalSizes: (indexes) => originalSizes(Array.from(indexes, (index) => images[index]!)),
    ...(whole && { readWhole: (indexes) => read(indexes, true) }),
  };
}

/** Decodes all images once. */
async function withoutBroken(
  splits: ImageSplits,
  reader: ImageReader,
  whole: boolean,
): Promise<{ readonly splits: ImageSplits; readonly notes: readonly string[] }> {
  const reasons = new Map<ListedImage, string>();
  const all = [...new Set(Object.values(splits).flat())];
  for (let first = 0; first < all.length; first += CHECKED_AT_ONCE) {
    const images = all.slice(first, first + CHECKED_AT_ONCE);
    const { broken } = await reader.read(images, whole);
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
