import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Product, SsqlError } from '@ssql/core';
import sharp from 'sharp';
import { contactSheetPng } from '../../packages/core/src/report/contact-sheet.js';
import { imageFolder } from '../../packages/plugins/src/data/image-folder.js';
import { imageDecoder } from '../../packages/plugins/src/data/images/image-decoder.js';
import { make } from './make-plugin.js';
import { drawn, writeFiles } from './write-images.js';

/** So many broken images of each kind. */
const EACH = 20;
const SIZE = 16;

describe('decoding of images', () => {
  let folder: string;
  let dataset: Product<'data'> | undefined;
  /** Where images are kept that do not fit into memory. */
  let scratch: string;
  const open = async (options: object = {}): Promise<Product<'data'>> => {
    await dataset?.dispose?.();
    dataset = await make(imageFolder, { root: folder, size: SIZE, workers: 0, ...options }, { scratch });
    return dataset;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-decoding-'));
    scratch = join(folder, '.scratch'); // a hidden file or folder is no image
  });
  afterEach(async () => {
    await dataset?.dispose?.();
    dataset = undefined;
    rmSync(folder, { recursive: true });
  });

  it('gives the same pixels with 0, 1 and 4 workers, with and without a cache, again and again', async () => {
    for (let i = 0; i < 24; i++) {
      const image = drawn(10 + 3 * i, 70 - 2 * i);
      writeFiles(folder, { [`${i}`.padStart(3, '0') + '.jpg']: await image.jpeg().toBuffer() });
    }
    const indexes = [3, 0, 17, 3, 9, 20, 1];
    const batches: Uint8Array[] = [];
    for (const [workers, cache] of [
      [0, '0MB'],
      [0, '1GB'],
      [1, '0.002MB'],
      [4, '1GB'],
    ] as const) {
      const { train } = await open({ workers, cache });
      batches.push(...(await Promise.all([train.read(indexes), train.read(indexes)])), await train.read(indexes));
    }
    assert.equal(new Set(batches.map((batch) => Buffer.from(batch).toString('hex'))).size, 1);
  });

  it('decodes each image once: what memory has no room for is kept on disk, in a file without a name, while there is room', async () => {
    const names = Array.from({ length: 6 }, (_, index) => `a/${index}.png`);
    for (const [index, name] of names.entries())
      writeFiles(folder, {
        [name]: await drawn(20 + index, 30)
          .png()
          .toBuffer(),
      });
    const indexes = [0, 1, 2, 3, 4];
    const megabytes = (images: number) => `${(images * SIZE * SIZE * 3) / 1e6}MB`;
    for (const workers of [0, 2]) {
      const { train } = await open({ workers, cache: megabytes(2), disk: megabytes(3) });
      const pixels = await train.read(indexes);
      assert.deepEqual(readdirSync(scratch), [], 'it has no name');
      rmSync(join(folder, 'a'), { recursive: true });
      assert.deepEqual(await train.read(indexes), pixels);
      const bytes = SIZE * SIZE * 3;
      const [last, first] = [await train.read([4, 0]), pixels.slice(0, bytes)];
      assert.deepEqual([last.slice(0, bytes), last.slice(bytes)], [pixels.slice(4 * bytes), first]);
      for (const [index, name] of names.entries())
        writeFiles(folder, {
          [name]: await drawn(20 + index, 30)
            .png()
            .toBuffer(),
        });
    }
    const { train } = await open({ cache: megabytes(2), disk: megabytes(2) });
    await train.read(indexes);
    rmSync(join(folder, 'a'), { recursive: true });
    await assert.rejects(train.read(indexes), { code: 'IMAGE_BROKEN' });
  });

  it('says so if images cannot be kept on disk', async () => {
    writeFiles(folder, {
      'a.png': await drawn(9, 9).png().toBuffer(),
      'b.png': await drawn(9, 9).png().toBuffer(),
      '.scratch': '',
    });
    const { train } = await open({ cache: '0MB' });
    await assert.rejects(train.read([0]), {
      code: 'IMAGES_NOT_KEPT',
      message: /cannot be written to the disk: EEXIST/,
    });
    const without = await open({ cache: '0MB', disk: '0GB' });
    assert.equal((await without.train.read([0])).length, 768);
  });

  it('reads CMYK, 16 bits, palettes, gray, alpha, animations and other formats as RGB', async () => {
    const [height, width] = [24, 20];
    const flat = { create: { width, height, channels: 3, background: { r: 200, g: 100, b: 50 } } } as const;
    const frames = drawn(60, 20).composite([{ input: await sharp(flat).png().toBuffer(), left: 0, top: 0 }]);
    const pages = sharp(await frames.raw().toBuffer(), { raw: { width: 20, height: 60, channels: 3, pageHeight: 20 } });
    const files = {
      'animated.gif': await pages.gif().toBuffer(),
      'alpha.png': await sharp(flat).ensureAlpha(0.5).png().toBuffer(),
      'cmyk.jpg': await sharp(flat).toColourspace('cmyk').jpeg().toBuffer(),
      'palette.png': await sharp(flat).png({ palette: true }).toBuffer(),
      'plain.avif': await sharp(flat).avif({ effort: 0 }).toBuffer(),
      'plain.tif': await sharp(flat).tiff().toBuffer(),
      'plain.webp': await sharp(flat).webp().toBuffer(),
      'sixteen.png': await sharp(flat).toColourspace('rgb16').png().toBuffer(),
    };
    writeFiles(folder, { ...files, 'gray.png': await sharp(flat).greyscale().png().toBuffer() });
    const { train } = await open({ labels: 'none', test: 0.01 }); // one test image
    const pixels = await train.read(Array.from({ length: train.size }, (_, index) => index));
    const [names, bytes] = [[...Object.keys(files), 'gray.png'].sort(), SIZE * SIZE * 3];
    assert.equal(train.size, names.length - 1);
    for (let at = 0; at < train.size; at++) {
      const [r, g, b] = pixels.subarray(at * bytes) as unknown as [number, number, number];
      const colours = [r, g, b].join();
      const isGray = r === g && g === b && r > 90 && r < 140;
      // Inks differ more.
      assert.ok(isGray || Math.max(Math.abs(r - 200), Math.abs(g - 100), Math.abs(b - 50)) < 35, colours);
    }
  });

  it('turns photographs upright', async () => {
    const half = await sharp({ create: { width: 20, height: 10, channels: 3, background: 'white' } })
      .png()
      .toBuffer();
    const upright = sharp({ create: { width: 20, height: 20, channels: 3, background: 'black' } });
    const turned = await upright
      .composite([{ input: half, left: 0, top: 0 }])
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    writeFiles(folder, { 'a.jpg': turned, 'b.jpg': turned });
    const { train } = await open();
    const [topLeft, topRight] = [(await train.read([0]))[0]!, (await train.read([0]))[3 * (SIZE - 1)]!];
    assert.ok(topLeft < 50 && topRight > 200, `${topLeft} ${topRight}`); // turned clockwise: the top is now at the right
  });

  it('names the first broken image of a batch, and says how to go on', async () => {
    writeFiles(folder, { 'a.png': '', 'b.png': 'no image', 'c.png': '', 'd.png': '' });
    const { train } = await open();
    await assert.rejects(train.read([0, 1, 2]), ({ code, message, details }: SsqlError) => {
      assert.equal(code, 'IMAGE_BROKEN');
      assert.match(message, /[abcd]\.png cannot be decoded: it .*\. So do 2 more of this batch\.$/);
      assert.match(details.hint!, /onError: skip/);
      return true;
    });
  });

  it('leaves out 300 broken images of 15 kinds, and counts them', async () => {
    const kinds = await brokenImages();
    assert.equal(Object.keys(kinds).length, 14); // and links to nothing
    const good = await drawn(24, 30).jpeg().toBuffer();
    const files = Object.entries(kinds).flatMap(([name, broken]) =>
      Array.from({ length: EACH }, (_, index) => [`train/a/${index}-${name}`, broken(index)] as const),
    );
    writeFiles(folder, {
      ...Object.fromEntries(files),
      'train/a/good.jpg': good,
      'train/b/good.jpg': good,
      'test/b/x.jpg': good,
    });
    for (let i = 0; i < EACH; i++) symlinkSync(join(folder, 'nowhere'), join(folder, 'train', 'a', `${i}-link.jpg`));
    const { train, test, notes, classes } = await open({ onError: 'skip', workers: 2 });
    assert.deepEqual([classes, [...train.labels!], test.size], [['a', 'b'], [0, 1], 1]);
    assert.match(
      notes!.join(),
      /^300 of 303 images cannot be decoded and are left out\. The first: \S+0-corrupt\.png: \S/,
    );
    assert.equal(train.leftOut!.length, 300);
    assert.match(train.leftOut![0]!, /0-corrupt\.png cannot be decoded: \S/);
    assert.equal(test.leftOut, undefined);
    const [first, second] = [await train.read([0]), await train.read([1])];
    assert.deepEqual(first, second);
    assert.ok(first.some((value) => value !== first[0]));
  });

  it('says why a split has no images: none can be decoded, or others hold them', async () => {
    const good = await drawn(24, 30).jpeg().toBuffer();
    writeFiles(folder, { 'a/good.jpg': good });
    await assert.rejects(
      open({ test: 0.1 }),
      ({ message, details }: SsqlError) =>
        /the split `train` has no images\./.test(message) &&
        /^The 1 images .* shares that are held out/.test(details.hint!),
    );
    writeFiles(folder, {
      'train/a/good.jpg': good,
      'test/a/0.jpg': Buffer.from('no'),
      'test/a/1.jpg': Buffer.from('no'),
    });
    await assert.rejects(
      open({ onError: 'skip' }),
      /none of the 2 images of the split `test` can be decoded\. The first: \S+0\.jpg: it contains /,
    );
  });

  it('decodes every image of many small tasks, which several threads begin at once', async () => {
    const file = join(folder, 'a.jpg');
    writeFiles(folder, { 'a.jpg': await drawn(20, 20).jpeg().toBuffer() });
    const decoder = imageDecoder(4);
    try {
      const images = Array.from({ length: 4 }, (_, at) => ({ at, image: { file } }));
      for (let task = 0; task < 400; task++) {
        const pixels = new SharedArrayBuffer(images.length * SIZE * SIZE * 3);
        assert.deepEqual(await decoder.decode({ pixels, height: SIZE, width: SIZE, images }), { broken: [] });
      }
    } finally {
      await decoder.close();
    }
  });

  it('reads no SVG, also after a contact sheet was drawn', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
    writeFiles(folder, { 'a.png': svg, 'b.png': svg });
    const refused = async (): Promise<void> => {
      const { train } = await open({ test: 0.5 });
      await assert.rejects(train.read([0]), /cannot be decoded/);
    };
    await refused();
    assert.ok((await contactSheetPng(svg)).length > 0);
    await refused();
  });

  it('decodes no image of more than 300 megapixels', async () => {
    // PNG files of 22000x16384 and 17000x16500 gray pixels, which they do not have.
    const [above, below] = [
      'iVBORw0KGgoAAAANSUhEUgAAVfAAAEAACAAAAABDTqtIAAAACUlEQVR4nGMAAAABAAFe/335AAAAAElFTkSuQmCC',
      'iVBORw0KGgoAAAANSUhEUgAAQmgAAEB0CAAAAACGTP3KAAAACUlEQVR4nGMAAAABAAFe/335AAAAAElFTkSuQmCC',
    ].map((text) => Buffer.from(text, 'base64'));
    writeFiles(folder, { 'a.png': above!, 'b.png': below! });
    const { train, test } = await open({ test: 0.5 });
    const reasons = await Promise.all(
      [train, test].map(({ read }) => read([0]).then(String, ({ message }) => message)),
    );
    const limited = reasons.filter((reason) => /exceeds pixel limit/.test(reason));
    assert.equal(limited.length, 1, reasons.join('\n'));
    assert.match(limited[0]!, /a\.png/);
  });

  it('says so if a thread that decodes ends', async () => {
    const decoder = imageDecoder(1);
    const pixels = new SharedArrayBuffer(0); // an image does not fit
    const task = { pixels, height: SIZE, width: SIZE, images: [{ at: 0, image: { file: 'a.png' } }] };
    await assert.rejects(decoder.decode(task), { code: 'DECODER_DIED' });
    await decoder.close();
  });
});

/** Files that are no images, by kind; each of a kind is broken elsewhere. */
async function brokenImages(): Promise<{ readonly [name: string]: (index: number) => Uint8Array | string }> {
  const image = drawn(40, 60);
  const [jpeg, png, webp, gif, tiff, avif] = await Promise.all([
    image.clone().jpeg().toBuffer(),
    image.clone().png().toBuffer(),
    image.clone().webp({ lossless: true }).toBuffer(),
    image.clone().gif().toBuffer(),
    image.clone().tiff().toBuffer(),
    image.clone().avif({ effort: 0 }).toBuffer(),
  ]);
  const cut = (bytes: Buffer) => (index: number) =>
    bytes.subarray(0, Math.floor((bytes.length * (index + 2)) / (EACH + 4)));
  const changed = (bytes: Buffer, change: (copy: Buffer, index: number) => void) => (index: number) => {
    const copy = Buffer.from(bytes);
    change(copy, index);
    return copy;
  };
  return {
    'empty.jpg': () => '',
    'text.jpg': (index) => `no image ${index}\n`,
    'page.png': (index) => `<!doctype html><title>${index}</title>`,
    'drawing.png': (index) => `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="${index + 1}"/>`,
    'cut.jpg': cut(jpeg),
    'cut.png': cut(png),
    'cut.webp': cut(webp),
    'cut.gif': cut(gif),
    'cut.tif': cut(tiff),
    'cut.avif': cut(avif),
    'corrupt.png': changed(png, (copy, index) => copy.fill(0x55, 60 + 25 * index, 70 + 25 * index)),
    'end-within.jpg': changed(jpeg, (copy, index) => copy.writeUInt16BE(0xffd9, jpeg.length - 100 - 20 * index)),
    'headless.jpg': changed(jpeg, (copy, index) => copy.fill(index, 0, 4)),
    'immense.png': changed(png, (copy, index) => {
      copy.writeUInt32BE(1e6 + index, 16);
      copy.writeUInt32BE(1e6, 20);
    }),
  };
}
