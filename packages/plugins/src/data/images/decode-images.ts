import { closeSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs';
import type sharp from 'sharp';
import type { ResizeOptions, Sharp } from 'sharp';
import type { DiskPlace } from './disk-cache.js';
import { reasonOf } from '../reason-of.js';

/** Where the encoded bytes of an image are: a file, or a range of its bytes. */
export interface EncodedImage {
  /** The path, absolute; or an open file, which all threads of a process share. */
  readonly file: string | number;
  /** The range in a file of many images. */
  readonly range?: { readonly from: number; readonly bytes: number };
  /** What errors call the image; default: `file`. */
  readonly name?: string;
}

/** Images to decode into an array [N,H,W,3] that threads share. */
export interface DecodingTask {
  readonly pixels: SharedArrayBuffer;
  readonly height: number;
  readonly width: number;
  /** [N,2], for images that are kept whole: takes the height and width of each that is decoded. Default: images are cut. */
  readonly sizes?: SharedArrayBuffer;
  readonly images: readonly ImageTask[];
}

/** An image to decode and to write to its place on disk, if it has one; or to read from there. */
interface ImageTask {
  /** The position in `pixels`. */
  readonly at: number;
  readonly image: EncodedImage;
  readonly place?: DiskPlace;
}

export interface Decoded {
  readonly broken: readonly BrokenImage[];
  /** Why an image could not be written to its place. */
  readonly notKept?: string;
}

/** An image that cannot be decoded; its pixels are zero. */
export interface BrokenImage {
  readonly at: number;
  readonly reason: string;
}

/** A few hundred megapixels: more are an error, not a reason to fill the memory. */
const LARGEST = 300_000_000;

/** A pipeline of the decoder waits for its threads most of the time when images are small. */
const AT_ONCE = 2;

/**
 * Decodes images, after `restrictDecoder`, as RGB, upright, without their alpha channel, the first frame of an animation: resized so that they
 * cover the size (bilinear, antialiased; JPEG, WebP and TIFF are decoded at a reduced size where that suffices), and cut at the centre. Images
 * that are kept whole are resized only if they do not fit into the size.
 */
export async function decodeImages(task: DecodingTask): Promise<Decoded> {
  const decoder = await openDecoder();
  const broken: BrokenImage[] = [];
  let notKept: string | undefined;
  const queue = task.images.values();
  const decodeNext = async (): Promise<void> => {
    for (const image of queue) {
      const outcome = await decodeImage(decoder, task, image);
      if (outcome?.broken !== undefined) broken.push({ at: image.at, reason: outcome.broken });
      notKept ??= outcome?.notKept;
      if (notKept !== undefined) return;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, decodeNext));
  return { broken, ...(notKept !== undefined && { notKept }) };
}

/** Fills the pixels of an image. Returns why it is broken, or why it cannot be written to its place. */
async function decodeImage(
  decoder: typeof sharp,
  { pixels, sizes, height, width }: DecodingTask,
  { at, image, place }: ImageTask,
): Promise<{ readonly broken?: string; readonly notKept?: string } | undefined> {
  const bytes = height * width * 3;
  const target = new Uint8Array(pixels, at * bytes, bytes);
  if (place?.written === true) {
    readRange(place.file, target, place.from);
    return undefined;
  }
  try {
    const encoded = readBytes(image);
    if (sizes === undefined) target.set(await decode(decoder, encoded, height, width));
    else new Uint16Array(sizes, 4 * at, 2).set(await decodeWhole(decoder, encoded, height, width, target));
  } catch (error) {
    return { broken: firstLineOf(error) };
  }
  try {
    if (place !== undefined) writeRange(place, target);
    return undefined;
  } catch (error) {
    return { notKept: reasonOf(error) };
  }
}

async function decode(decoder: typeof sharp, encoded: Buffer, height: number, width: number): Promise<Buffer> {
  return resized(decoder, encoded, { width, height, fit: 'cover' }).toBuffer();
}

/** Decodes an image into the upper left corner of an array [height,width,3]. Returns its height and width. */
async function decodeWhole(
  decoder: typeof sharp,
  encoded: Buffer,
  height: number,
  width: number,
  target: Uint8Array,
): Promise<readonly [height: number, width: number]> {
  const { data, info } = await resized(decoder, encoded, {
    width,
    height,
    fit: 'inside',
    withoutEnlargement: true,
  }).toBuffer({ resolveWithObject: true });
  const rowBytes = 3 * info.width;
  for (let row = 0; row < info.height; row++)
    target.set(data.subarray(row * rowBytes, (row + 1) * rowBytes), row * 3 * width);
  return [info.height, info.width];
}

/** The pixels of an image as bytes of RGB. */
function resized(decoder: typeof sharp, encoded: Buffer, to: ResizeOptions): Sharp {
  if (encoded.length === 0) throw new Error('it is empty');
  return decoder(encoded, { autoOrient: true, failOn: 'warning', limitInputPixels: LARGEST, sequentialRead: true })
    .resize({ ...to, kernel: 'linear' })
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' });
}

/** The encoded bytes. */
export function readBytes({ file, range }: EncodedImage): Buffer {
  if (typeof file === 'string' && isSpecial(file)) throw new Error('it is a pipe or a device, not a file');
  if (range === undefined) return readFileSync(file);
  const bytes = Buffer.alloc(range.bytes);
  const open = typeof file === 'number' ? file : openSync(file, 'r');
  try {
    readRange(open, bytes, range.from);
    return bytes;
  } finally {
    if (open !== file) closeSync(open);
  }
}

/** Reading a pipe waits for a writer, and a device may never end. */
function isSpecial(file: string): boolean {
  const stats = statSync(file);
  return !stats.isFile() && !stats.isDirectory();
}

/** Fills an array from a position in a file. */
function readRange(file: number, bytes: Uint8Array, from: number): void {
  const count = readSync(file, bytes, 0, bytes.length, from);
  if (count < bytes.length) throw new Error(`the file ends after ${count} of its ${bytes.length} bytes`);
}

function writeRange({ file, from }: DiskPlace, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;)
    written += writeSync(file, bytes, written, bytes.length - written, from + written);
}

let restricted: Promise<void> | undefined;

/**
 * Lets the decoder read photographs only: SVG and other formats of libvips read more than pixels. The formats are those of the process, so
 * the thread that starts workers calls this before: while one thread forbids all formats and allows some again, others could read none.
 */
export function restrictDecoder(): Promise<void> {
  return (restricted ??= openDecoder().then((decoder) => {
    decoder.block({ operation: ['VipsForeignLoad'] });
    decoder.unblock({
      operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((name) => `VipsForeignLoad${name}`),
    });
  }));
}

/** The decoder; the thread that starts workers has restricted it. */
export async function openDecoder(): Promise<typeof sharp> {
  const { default: decoder } = await import('sharp');
  decoder.cache(false);
  decoder.concurrency(1); // the threads are the workers'
  return decoder;
}

/** The first line, without the names that the decoder gives to itself and to bytes in memory. */
function firstLineOf(error: unknown): string {
  const [line = ''] = reasonOf(error).split('\n');
  return line.replace(/^Input buffer/, 'it').replace(/\b(?:Vips\w+|vips\w+|\w+_buffer): /g, '');
}
