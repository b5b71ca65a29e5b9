import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { random, type ImageShape, type PreparedAugmentation } from '@ssql/core';
import { gaussianBlur } from '../../packages/plugins/src/augmentation/gaussian-blur.js';
import { grayscale } from '../../packages/plugins/src/augmentation/grayscale.js';
import { horizontalFlip } from '../../packages/plugins/src/augmentation/horizontal-flip.js';
import { randomErasing } from '../../packages/plugins/src/augmentation/random-erasing.js';
import { randomResizedCrop } from '../../packages/plugins/src/augmentation/random-resized-crop.js';
import { randomWarp } from '../../packages/plugins/src/augmentation/random-warp.js';
import { resize } from '../../packages/plugins/src/augmentation/resize.js';
import { augmentationCases, scripted } from '../parity/augmentations.js';
import { itIsOfficial, onTfjs } from '../parity/it-is-official.js';
import { onCpu } from './context.js';
import { make } from './make-plugin.js';

const SHAPE: ImageShape = [16, 20, 3];
const COUNT = 6;

/** Images [count,...shape] of random values in [0, 1]. */
function noise(count: number, shape: ImageShape, seed = 1): tf.Tensor4D {
  const source = random(seed, 'noise');
  const values = Float32Array.from({ length: count * shape[0] * shape[1] * shape[2] }, () => source.uniform());
  return tf.tensor4d(values, [count, ...shape]);
}

function drawBatch(prepared: PreparedAugmentation, count: number, seed = 1): tf.Tensor2D {
  const rows = Array.from({ length: count }, (_, index) => prepared.draw(random(seed, 'augment', index)));
  for (const row of rows) assert.equal(row.length, prepared.draws);
  return tf.tensor2d(rows.flat(), [count, prepared.draws]);
}

function largestDifference(one: tf.Tensor, other: tf.Tensor): number {
  assert.deepEqual(one.shape, other.shape);
  return tf.tidy(() => tf.max(tf.abs(tf.sub(one, other))).dataSync()[0]!);
}

describe('an augmentation', () => {
  onCpu();

  it('is done as often as its probability says', async () => {
    for (const plugin of [grayscale, horizontalFlip]) {
      const prepared = (await make<'augmentation'>(plugin, { p: 0.3 })).prepare(SHAPE);
      const done = Array.from({ length: 4000 }, (_, index) => prepared.draw(random(1, 'augment', index))[0]!).reduce(
        (a, b) => a + b,
        0,
      );
      assert.ok(Math.abs(done / 4000 - 0.3) < 0.03, `${plugin.name} ${done / 4000}`);
    }
  });
});

describe('random-resized-crop', () => {
  onCpu();

  it('draws parts within the image, of the area and the aspect asked for', async () => {
    const prepared = (await make(randomResizedCrop, { size: 8, scale: [0.2, 0.8] })).prepare([60, 80, 3]);
    for (let index = 0; index < 2000; index++) {
      const [top, left, height, width] = prepared.draw(random(1, 'augment', index)) as [number, number, number, number];
      assert.ok(top >= 0 && left >= 0 && top + height <= 60 && left + width <= 80);
      const area = (height * width) / 4800;
      assert.ok(area > 0.18 && area < 0.83, `area ${area}`);
      assert.ok(width / height > 0.71 && width / height < 1.4, `aspect ${width / height}`);
    }
  });

  it('takes the largest middle part of allowed aspect where no try fits', async () => {
    const prepared = (await make(randomResizedCrop, { size: 8, scale: [1, 1] })).prepare([10, 40, 3]);
    assert.deepEqual(prepared.draw(random(1, 'augment')), [0, 13, 10, 13]);
  });
});

describe('random-warp', () => {
  onCpu();

  it('shows the image itself by the identity', async () => {
    const prepared = (await make(randomWarp)).prepare(SHAPE);
    const images = noise(2, SHAPE);
    const identity = tf.tensor2d([1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0], [2, 6]);
    assert.equal(largestDifference(prepared.apply(images, identity), images), 0);
    const still = (await make(randomWarp, { area: [1, 1], aspect: [1, 1], rotation: 0, shear: 0 })).prepare(SHAPE);
    assert.ok(largestDifference(still.apply(images, drawBatch(still, 2)), images) < 1e-5);
  });

  it('is the sum over four neighbours, zero outside', async () => {
    const [height, width, channels] = SHAPE;
    const prepared = (await make(randomWarp, { rotation: 60, shear: 0.5, area: [0.8, 1] })).prepare(SHAPE);
    const images = noise(COUNT, SHAPE);
    const parameters = drawBatch(prepared, COUNT);
    const maps = parameters.arraySync();
    const pixels = images.arraySync();
    const expected = maps.map(([a, b, c, d, e, f], n) =>
      Array.from({ length: height }, (_, y) =>
        Array.from({ length: width }, (_, x) => {
          const [left, top] = [a! * x + b! * y + c!, d! * x + e! * y + f!];
          return Array.from({ length: channels }, (_, channel) => {
            let sum = 0;
            for (let row = 0; row < height; row++) {
              for (let column = 0; column < width; column++) {
                const weight = Math.max(0, 1 - Math.abs(top - row)) * Math.max(0, 1 - Math.abs(left - column));
                sum += weight * pixels[n]![row]![column]![channel]!;
              }
            }
            return sum;
          });
        }),
      ),
    );
    const difference = largestDifference(prepared.apply(images, parameters), tf.tensor4d(expected));
    assert.ok(difference < 1e-5, String(difference));
  });
});

describe('random-erasing', () => {
  onCpu();

  it('paints one rectangle within the image', async () => {
    const prepared = (await make(randomErasing, { p: 1, size: [2, 5] })).prepare(SHAPE);
    for (let index = 0; index < 50; index++) {
      const [top, left, height, width, value] = prepared.draw(random(1, 'augment', index)) as [
        number,
        number,
        number,
        number,
        number,
      ];
      assert.ok(height >= 2 && height <= 5 && width >= 2 && width <= 5 && top + height <= 16 && left + width <= 20);
      const images = tf.fill<tf.Rank.R4>([1, ...SHAPE], 2);
      const output = prepared.apply(images, tf.tensor2d([[top, left, height, width, value]])).arraySync()[0]!;
      output.forEach((row, y) =>
        row.forEach((pixel, x) => {
          const inside = y >= top && y < top + height && x >= left && x < left + width;
          for (const channel of pixel) assert.equal(channel, inside ? Math.fround(value) : 2);
        }),
      );
    }
  });
});

describe('gaussian-blur with a border of zeros', () => {
  onCpu();

  it('is the [w 1 w] kernel of three pixels', async () => {
    const prepared = (await make(gaussianBlur, { border: 'zero', p: 1 })).prepare([3, 3, 1]);
    const w = 0.25;
    const images = tf.tensor4d([0, 0, 0, 0, 1, 0, 0, 0, 4], [1, 3, 3, 1]);
    const parameters = tf.tensor2d([[...prepared.draw(scripted(0, Math.sqrt(-1 / (2 * Math.log(w)))))]]);
    const s = 1 / (1 + 2 * w) ** 2;
    const expected = tf.tensor4d([w * w, w, w * w, w, 1 + 4 * w * w, w + 4 * w, w * w, w + 4 * w, w * w + 4 - w * w + w * w].map((v) => v * s), [1, 3, 3, 1]); // prettier-ignore
    assert.ok(largestDifference(prepared.apply(images, parameters), expected) < 1e-6);
  });
});

describe('gaussian-blur without a kernel', () => {
  onCpu();

  it("has the official SimCLR's for the images: a tenth of the shorter side, odd", async () => {
    for (const [height, width, kernel] of [
      [224, 224, 23],
      [240, 96, 9],
      [64, 64, 7],
      [32, 32, 3],
      [8, 10, 3],
    ] as const) {
      const drawn = async (options: object): Promise<readonly number[]> =>
        (await make(gaussianBlur, { p: 1, ...options })).prepare([height, width, 3]).draw(scripted(0, 1.3));
      assert.deepEqual(await drawn({}), await drawn({ kernel }), `${height}x${width}`);
    }
  });
});

describe('gaussian-blur with a kernel that is not square', () => {
  onCpu();

  it('is one blur along the rows and one along the columns', async () => {
    const images = noise(2, SHAPE);
    const blurred = async (kernel: readonly [number, number], input: tf.Tensor4D): Promise<tf.Tensor4D> => {
      const prepared = (await make(gaussianBlur, { kernel, p: 1 })).prepare(SHAPE);
      const row = prepared.draw(scripted(0, 1.3));
      return prepared.apply(input, tf.tensor2d([...row, ...row], [2, row.length]));
    };
    const apart = await blurred([1, 7], await blurred([3, 1], images));
    assert.ok(largestDifference(await blurred([3, 7], images), apart) < 1e-6);
    assert.ok(largestDifference(await blurred([7, 3], images), apart) > 1e-2);
  });
});

describe('resize', () => {
  onCpu();

  it('takes a single number for the shorter side, of images as they come', async () => {
    const prepared = (await make(resize, { size: 8 })).prepare(SHAPE);
    assert.deepEqual(prepared.output, [8, 10, 3]);
    assert.deepEqual(prepared.apply(noise(2, [24, 12, 3]), tf.zeros([2, 0])).shape, [2, 16, 8, 3]);
  });

  it('without antialiasing shows the nearest two pixels', async () => {
    const prepared = (await make(resize, { size: [1, 2], antialias: false })).prepare([1, 8, 1]);
    const images = tf.tensor4d([9, 1, 3, 9, 9, 5, 6, 9], [1, 1, 8, 1]);
    assert.deepEqual([...prepared.apply(images, tf.zeros([1, 0])).dataSync()], [2, 5.5]);
  });
});

describe('augmentations against torchvision', () => {
  onCpu();

  itIsOfficial('g_augment.json', augmentationCases, () => onTfjs);
});
