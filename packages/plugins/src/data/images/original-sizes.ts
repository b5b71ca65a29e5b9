import { openDecoder, readBytes, restrictDecoder, type EncodedImage } from './decode-images.js';

/** Heights and widths of images, upright, [N,2], from their headers: nothing is decoded. 0 where an image has no size. */
export async function originalSizes(images: readonly EncodedImage[]): Promise<Uint32Array> {
  await restrictDecoder();
  const decoder = await openDecoder();
  const sizes = new Uint32Array(2 * images.length);
  for (const [at, image] of images.entries()) {
    try {
      const { autoOrient } = await decoder(readBytes(image)).metadata();
      sizes.set([autoOrient.height, autoOrient.width], 2 * at);
    } catch {
      continue; // `read` says what is wrong with it
    }
  }
  return sizes;
}
