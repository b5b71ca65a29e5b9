import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { random, type Product, type WholeImages } from '@ssql/core';
import sharp from 'sharp';
import { randomResizedCrop } from '../../packages/plugins/src/augmentation/random-resized-crop.js';
import { imageFolder } from '../../packages/plugins/src/data/image-folder.js';
import { onCpu } from './context.js';
import { make } from './make-plugin.js';
import { drawn, writeFiles } from './write-images.js';

const SIZE = 40;
/** Height and width of each image, by the order of their names; the last does not fit into the size. */
const SIZES = [[40, 31], [12, 40], [9, 9], [33, 17], [60, 80]] as const; // prettier-ignore

describe('images that are kept whole', () => {
  onCpu();
  let folder: string;
  const made: Product<'data'>[] = [];
  const open = async (options: object = {}): Promise<Product<'data'>> => {
    const scratch = join(folder, '.scratch');
    made.push(await make(imageFolder, { root: folder, size: SIZE, whole: true, workers: 0, ...options }, { scratch }));
    return made.at(-1)!;
  };
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-whole-'));
    const png = await Promise.all(SIZES.map(([height, width]) => drawn(height, width).png().toBuffer()));
    writeFiles(folder, Object.fromEntries(png.map((bytes, index) => [`train/a/${index}.png`, bytes])));
    writeFiles(folder, { 'test/a/0.png': png[0]! });
  });
  after(async () => {
    for (const dataset of made) await dataset.dispose?.();
    rmSync(folder, { recursive: true });
  });

  it('keep their pixels if they fit, and else their aspect ratio, whoever decodes them and wherever they are kept', async () => {
    const indexes = [4, 2, 0, 1, 3];
    const expected = [30, 40, 9, 9, 40, 31, 12, 40, 33, 17];
    const batches: WholeImages[] = [];
    for (const options of [{ cache: '1GB' }, { cache: '0MB', disk: '0GB', workers: 2 }, { cache: '0MB', workers: 2 }]) {
      const { train } = await open(options);
      const cut = await train.read(indexes);
      for (let again = 0; again < 2; again++) batches.push(await train.readWhole!(indexes));
      assert.deepEqual(await train.read(indexes), cut, 'images that are cut are read as before');
    }
    for (const { pixels, sizes } of batches) {
      assert.deepEqual([...sizes], expected);
      assert.deepEqual(pixels, batches[0]!.pixels);
    }
    const raw = await sharp(join(folder, 'train/a/2.png')).raw().toBuffer();
    const second = batches[0]!.pixels.subarray(SIZE * SIZE * 3, 2 * SIZE * SIZE * 3);
    for (let row = 0; row < 9; row++)
      assert.deepEqual(
        Buffer.from(second.subarray(row * SIZE * 3, row * SIZE * 3 + 27)),
        raw.subarray(row * 27, row * 27 + 27),
      );
    // The batch that was read before, of images that fill the size, used the same memory.
    assert.ok(second.subarray(9 * SIZE * 3).every((value) => value === 0));
  });

  it('are cropped in a batch as each is alone: what random-resized-crop makes of the original', async () => {
    const { train } = await open();
    const { pixels, sizes } = await train.readWhole!([0, 1, 2, 3]);
    const crop = await make(randomResizedCrop, { size: 8, scale: [0.2, 1] });
    const prepared = crop.prepare([SIZE, SIZE, 3]);
    const source = (image: number) => random(1, 'augment', image);
    const rows = [0, 1, 2, 3].map((at) => prepared.drawWithin!(source(at), sizes[2 * at]!, sizes[2 * at + 1]!));
    const batch = prepared.apply(
      tf.tensor4d(Float32Array.from(pixels), [4, SIZE, SIZE, 3]),
      tf.tensor2d(rows.flat(), [4, 4]),
    );
    for (const [at, [height, width]] of SIZES.slice(0, 4).entries()) {
      const original = await sharp(join(folder, `train/a/${at}.png`))
        .raw()
        .toBuffer();
      const alone = crop.prepare([height, width, 3]);
      const numbers = alone.draw(source(at));
      assert.deepEqual(rows[at], numbers);
      const image = tf.tensor4d(Float32Array.from(original), [1, height, width, 3]);
      const expected = alone.apply(image, tf.tensor2d([...numbers], [1, 4])).dataSync();
      tf.slice(batch, at, 1)
        .dataSync()
        .forEach((value, index) => assert.ok(Math.abs(value - expected[index]!) < 1e-3));
    }
  });
});
