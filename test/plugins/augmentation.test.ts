import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { random, type ImageShape, type PreparedAugmentation, type Random } from '@ssql/core';
import { colorJitter } from '../../packages/plugins/src/augmentation/color-jitter.js';
import { gaussianBlur } from '../../packages/plugins/src/augmentation/gaussian-blur.js';
import { grayscale } from '../../packages/plugins/src/augmentation/grayscale.js';
import { horizontalFlip } from '../../packages/plugins/src/augmentation/horizontal-flip.js';
import { normalize } from '../../packages/plugins/src/augmentation/normalize.js';
import { randomErasing } from '../../packages/plugins/src/augmentation/random-erasing.js';
import { randomResizedCrop } from '../../packages/plugins/src/augmentation/random-resized-crop.js';
import { randomWarp } from '../../packages/plugins/src/augmentation/random-warp.js';
import { onCpu } from './context.js';
import { make } from './make-plugin.js';

type Plugin = Parameters<typeof make<'augmentation'>>[0];
type Options = { readonly [name: string]: unknown };

const STATISTICS = { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] };
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
  for (const row of rows) assert.equal(row.length, prepared.parameters);
  return tf.tensor2d(rows.flat(), [count, prepared.parameters]);
}

function largestDifference(one: tf.Tensor, other: tf.Tensor): number {
  assert.deepEqual(one.shape, other.shape);
  return tf.tidy(() => tf.max(tf.abs(tf.sub(one, other))).dataSync()[0]!);
}

/** Gives the numbers of a script, in the order they are asked for. */
function scripted(...numbers: number[]): Random {
  const next = (): number => {
    const number = numbers.shift();
    assert.ok(number !== undefined, 'more numbers drawn than scripted');
    return number;
  };
  return { uniform: next, between: next, integer: next, normal: next };
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

const GOLDEN = resolve(process.env['SSQL_GOLDEN'] ?? '../shared/golden', 'g_augment.json');

interface GoldenCase {
  readonly op: string;
  readonly params: { readonly [name: string]: never };
  readonly input: 'img' | 'img32' | 'gray32';
  readonly output: {
    readonly shape: [number, number, number, number];
    readonly sum: number;
    readonly l2norm: number;
    readonly first16: readonly number[];
    readonly spaced16: readonly number[];
  };
}

/** The recipe's numbers in [0, 1), as 32-bit floats. */
function recipe(name: string, count: number): Float32Array {
  let seed = 0x811c9dc5;
  for (const byte of Buffer.from(`open/${name}`)) seed = Math.imul(seed ^ byte, 0x01000193);
  return Float32Array.from({ length: count }, (_, i) => {
    let h = (seed + Math.imul(0x9e3779b9, i + 1)) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
  });
}

function goldenInput(name: GoldenCase['input']): tf.Tensor4D {
  const image = tf.tensor4d(recipe('g/img', 2 * 3 * 40 * 48), [2, 3, 40, 48]);
  const image32 = tf.tensor4d(recipe('g/img32', 2 * 3 * 32 * 32), [2, 3, 32, 32]);
  const red = tf.slice(image32, [0, 0, 0, 0], [2, 1, 32, 32]);
  const planes = { img: image, img32: image32, gray32: tf.concat([red, red, red], 1) }[name];
  return tf.transpose(planes, [0, 2, 3, 1]);
}

type Change = 'brightness' | 'contrast' | 'saturation' | 'hue';
const CHANGES: readonly Change[] = ['brightness', 'contrast', 'saturation', 'hue'];

/** What `permutation` must draw to come to an order. */
function permutationScript(order: readonly number[]): number[] {
  const current = order.map((_, index) => index);
  const script: number[] = [];
  for (let last = order.length - 1; last > 0; last--) {
    const other = current.lastIndexOf(order[last]!, last);
    script.push(other);
    [current[last], current[other]] = [current[other]!, current[last]!];
  }
  return script;
}

type Done = readonly [plugin: Plugin, options: Options, script: readonly number[]];

function jitter(order: readonly Change[], factors: { readonly [change: string]: number }): Done {
  const used = CHANGES.filter((change) => order.includes(change));
  const strengths = Object.fromEntries(CHANGES.map((change) => [change, used.includes(change) ? 0.5 : 0]));
  const script = [
    0,
    ...used.map((change) => factors[change]!),
    ...permutationScript(order.map((change) => used.indexOf(change))),
  ];
  return [colorJitter, { p: 1, ...strengths }, script];
}

function crop([top, left, height, width]: readonly number[], image: readonly [number, number]): Done {
  const area = (height! * width!) / (image[0] * image[1]);
  return [randomResizedCrop, { size: 32 }, [area, Math.log(width! / height!), top!, left!]];
}

/** How a golden case is done here; `undefined` where we have no such augmentation. */
function doneBy({ op, params }: GoldenCase): readonly Done[] | undefined {
  const values: { readonly [name: string]: unknown } = params;
  switch (op) {
    case 'resized_crop': {
      const { top, left, height, width, antialias } = values as { [name: string]: number };
      return antialias ? [crop([top!, left!, height!, width!], [40, 48])] : undefined;
    }
    case 'hflip':
      return [[horizontalFlip, {}, [0]]];
    case 'rgb_to_grayscale':
      return [[grayscale, {}, [0]]];
    case 'normalize':
      return [[normalize, values, []]];
    case 'gaussian_blur': {
      const [across, down] = values['kernel_size (kx,ky)'] as number[];
      const [sigma] = values['sigma (sx,sy)'] as number[];
      return across === down ? [[gaussianBlur, { kernel: across }, [0, sigma!]]] : undefined;
    }
    case 'color_jitter':
      return [jitter(values['order'] as Change[], values['factors'] as { [change: string]: number })];
    case 'pipeline': {
      const factors = values['factors'] as { [change: string]: number };
      const order: Change[] = ['saturation', 'brightness', 'hue', 'contrast'];
      return [
        crop([3, 5, 20, 24], [40, 48]),
        jitter(order, factors),
        [horizontalFlip, {}, [0]],
        [normalize, STATISTICS, []],
      ];
    }
    default: {
      const change = op.replace('adjust_', '') as Change;
      return CHANGES.includes(change) ? [jitter([change], { [change]: values['factor'] as number })] : undefined;
    }
  }
}

describe('augmentations against torchvision', () => {
  onCpu();

  const largest = new Map<string, number>();
  const unmatched: string[] = [];

  it('agree with the golden numbers to 1e-5', async function () {
    if (!existsSync(GOLDEN)) {
      console.warn(`      no golden numbers at ${GOLDEN}: set SSQL_GOLDEN to their folder to run this test`);
      this.skip();
    }
    const { cases } = JSON.parse(readFileSync(GOLDEN, 'utf8')) as { readonly cases: readonly GoldenCase[] };
    for (const golden of cases) {
      const steps = doneBy(golden);
      if (!steps) {
        unmatched.push(`${golden.op} ${JSON.stringify(golden.params)}`);
        continue;
      }
      let images = goldenInput(golden.input);
      for (const [plugin, options, script] of steps) {
        const [, height, width, channels] = images.shape;
        const prepared = (await make(plugin, options)).prepare([height, width, channels]);
        const row = prepared.draw(scripted(...script));
        images = prepared.apply(images, tf.tensor2d([...row, ...row], [2, row.length]));
      }
      const planes = tf.transpose(images, [0, 3, 1, 2]);
      assert.deepEqual(planes.shape, golden.output.shape);
      const values = planes.dataSync<'float32'>();
      const spaced = Array.from({ length: 16 }, (_, k) => values[Math.floor((k * (values.length - 1)) / 15)]!);
      const errors = [
        ...golden.output.first16.map((expected, index) => Math.abs(values[index]! - expected)),
        ...golden.output.spaced16.map((expected, index) => Math.abs(spaced[index]! - expected)),
        Math.abs(values.reduce((a, b) => a + b, 0) - golden.output.sum) / values.length,
        Math.abs(Math.sqrt(values.reduce((a, b) => a + b * b, 0)) - golden.output.l2norm) /
          Math.max(1, golden.output.l2norm),
      ];
      const error = Math.max(...errors);
      largest.set(golden.op, Math.max(error, largest.get(golden.op) ?? 0));
      assert.ok(error < 1e-5, `${golden.op} ${JSON.stringify(golden.params)} on ${golden.input}: ${error}`);
    }
    assert.equal(unmatched.length, 6, unmatched.join('\n'));
    if (process.env['SSQL_VERBOSE']) console.log(Object.fromEntries(largest), unmatched);
  });
});
