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

/** Images that are decoded at once where all are checked, and the bytes of their pixels. */
const CHECKED_AT_ONCE = { images: 128, bytes: 2 ** 28 };

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
    const broken: BrokenImages = onError === 'skip' ? await findBroken(listed, reader, reading.size, whole) : new Map();
    const splits = mapValues(listed, (images) => images.filter((image) => !broken.has(image)));
    const all = Object.values(listed).flat().length;
    for (const entry of Object.entries(listed)) refuseEmpty(name, entry, all - entry[1].length, broken);
    const { train, test, ...others } = mapValues(listed, (images) => splitOf(images, broken, reader, whole)) as {
      readonly train: Split;
      readonly test: Split;
    }; // `splits` has them
    return {
      name,
      classes,
      shape: [reading.size, reading.size, 3],
      train,
      test,
      splits: others,
      fingerprint: fingerprintOf(classes, splits),
      notes: [...ofSource, ...noteOn(broken, listed)],
      dispose: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Images that cannot be decoded, and why. */
type BrokenImages = ReadonlyMap<ListedImage, string>;

function splitOf(all: readonly ListedImage[], broken: BrokenImages, reader: ImageReader, whole: boolean): Split {
  const images = all.filter((image) => !broken.has(image));
  const leftOut = all.flatMap((image) => {
    const reason = broken.get(image);
    return reason === undefined ? [] : [`${nameOf(image)} cannot be decoded: ${reason}.`];
  });
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
    ...(leftOut.length > 0 && { leftOut }),
  };
}

/** @param others images of the other splits */
function refuseEmpty(
  name: string,
  [split, images]: readonly [string, readonly ListedImage[]],
  others: number,
  broken: BrokenImages,
): void {
  if (images.some((image) => !broken.has(image))) return;
  const [first] = images;
  if (first !== undefined)
    throw dataInvalid(
      `${name}: none of the ${images.length} images of the split \`${split}\` can be decoded. The first: ${nameOf(first)}: ${broken.get(first)}.`,
      'Repair or remove these images, or choose another split or share of images that are held out.',
    );
  const hint =
    split === 'train' && others > 0
      ? `The ${others} images that there are belong to other splits. Add images, or lower the shares that are held out (\`test\`, \`validation\`).`
      : undefined;
  throw dataInvalid(`${name}: the split \`${split}\` has no images.`, hint);
}

/** Decodes all images once. */
async function findBroken(
  splits: ImageSplits,
  reader: ImageReader,
  size: number,
  whole: boolean,
): Promise<BrokenImages> {
  const reasons = new Map<ListedImage, string>();
  const all = [...new Set(Object.values(splits).flat())];
  const count = Math.min(CHECKED_AT_ONCE.images, Math.max(1, Math.floor(CHECKED_AT_ONCE.bytes / (3 * size ** 2))));
  for (let first = 0; first < all.length; first += count) {
    const images = all.slice(first, first + count);
    const { broken } = await reader.read(images, whole);
    for (const { at, reason } of broken) reasons.set(images[at]!, reason);
  }
  return reasons;
}

function noteOn(broken: BrokenImages, splits: ImageSplits): readonly string[] {
  const [[image, reason] = []] = broken;
  if (image === undefined) return [];
  const all = new Set(Object.values(splits).flat()).size;
  return [
    `${broken.size} of ${all} images cannot be decoded and are left out. The first: ${nameOf(image)}: ${reason}.`,
  ];
}

function mapValues<T, U>(record: { readonly [name: string]: T }, map: (value: T) => U): { readonly [name: string]: U } {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

function nameOf({ file, name = String(file) }: EncodedImage): string {
  return name;
}

function fingerprintOf(
  classes: readonly string[],
  splits: { readonly [name: string]: readonly ListedImage[] },
): string {
  const hash = createHash('sha256').update(JSON.stringify(classes));
  for (const [split, images] of Object.entries(splits)) {
    hash.update(split);
    for (const { path, bytes, label } of images) hash.update(JSON.stringify([path, bytes, label]));
  }
  return hash.digest('hex');
}
