import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import type sharp from 'sharp';

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
  /** `at`: the position in `pixels`. */
  readonly images: readonly { readonly at: number; readonly image: EncodedImage }[];
}

/** An image that cannot be decoded; its pixels are zero. */
export interface BrokenImage {
  readonly at: number;
  readonly reason: string;
}

/** A few hundred megapixels: more are an error, not a reason to fill the memory. */
const LARGEST = 300_000_000;

/**
 * Decodes images one after another, as RGB, upright, without their alpha channel, the first frame of an animation: resized so that they
 * cover the size (bilinear, antialiased; JPEG, WebP and TIFF are decoded at a reduced size where that suffices), and cut at the centre.
 */
export async function decodeImages({ pixels, height, width, images }: DecodingTask): Promise<readonly BrokenImage[]> {
  const decoder = await openDecoder();
  const bytes = height * width * 3;
  const broken: BrokenImage[] = [];
  for (const { at, image } of images) {
    const target = new Uint8Array(pixels, at * bytes, bytes);
    try {
      target.set(await decode(decoder, readBytes(image), height, width));
    } catch (error) {
      broken.push({ at, reason: reasonOf(error) });
    }
  }
  return broken;
}

async function decode(decoder: typeof sharp, encoded: Buffer, height: number, width: number): Promise<Buffer> {
  if (encoded.length === 0) throw new Error('it is empty');
  return decoder(encoded, { autoOrient: true, failOn: 'warning', limitInputPixels: LARGEST, sequentialRead: true })
    .resize(width, height, { fit: 'cover', kernel: 'linear' })
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer();
}

function readBytes({ file, range }: EncodedImage): Buffer {
  if (typeof file === 'string' && isSpecial(file)) throw new Error('it is a pipe or a device, not a file');
  if (range === undefined) return readFileSync(file);
  const bytes = Buffer.alloc(range.bytes);
  const open = typeof file === 'number' ? file : openSync(file, 'r');
  try {
    const count = readSync(open, bytes, 0, range.bytes, range.from);
    if (count < range.bytes) throw new Error(`the file ends after ${count} of its ${range.bytes} bytes`);
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

/** The decoder, for photographs only: SVG and other formats of libvips read more than pixels. */
async function openDecoder(): Promise<typeof sharp> {
  const { default: decoder } = await import('sharp');
  decoder.cache(false);
  decoder.concurrency(1); // the threads are the workers'
  decoder.block({ operation: ['VipsForeignLoad'] });
  decoder.unblock({
    operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((name) => `VipsForeignLoad${name}`),
  });
  return decoder;
}

/** The first line, without the names that the decoder gives to itself and to bytes in memory. */
function reasonOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line.replace(/^Input buffer/, 'it').replace(/\b(?:Vips\w+|vips\w+|\w+_buffer): /g, '');
}
