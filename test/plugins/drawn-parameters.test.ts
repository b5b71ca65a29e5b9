import assert from 'node:assert/strict';
import { random, type ImageShape, type Random } from '@ssql/core';
import { plugins } from '../../packages/plugins/src/index.js';
import { horizontalFlip } from '../../packages/plugins/src/augmentation/horizontal-flip.js';
import { onCpu } from './context.js';
import { assertEqualShares, assertSameDistribution, assertShare, assertUniform } from './distribution.js';
import { make } from './make-plugin.js';

const COUNT = 6000;
const [HEIGHT, WIDTH] = [300, 500];
const SHAPE: ImageShape = [HEIGHT, WIDTH, 3];

type Rows = readonly (readonly number[])[];

/** The random numbers of many samples. */
async function drawn(name: string, options: { readonly [name: string]: unknown } = {}, shape = SHAPE): Promise<Rows> {
  const plugin = plugins.find((plugin) => plugin.kind === 'augmentation' && plugin.name === name);
  assert.ok(plugin, `no augmentation ${name}`);
  const prepared = (await make<'augmentation'>(plugin as Parameters<typeof make<'augmentation'>>[0], options)).prepare(
    shape,
  );
  return Array.from({ length: COUNT }, (_, sample) => {
    const row = prepared.draw(random(7, 'augment', 0, sample, 0));
    assert.equal(row.length, prepared.draws);
    return row;
  });
}

function column(rows: Rows, index: number): number[] {
  return rows.map((row) => row[index]!);
}

/** Tests of what each augmentation draws, by its name. */
const TESTS: { readonly [augmentation: string]: () => Promise<void> } = {
  async 'brightness-contrast'() {
    const rows = await drawn('brightness-contrast', { contrast: 0.3, brightness: 0.1 });
    assertUniform(column(rows, 0), 0.7, 1.3, 'factor');
    assertUniform(column(rows, 1), -0.1, 0.1, 'summand');
  },

  async 'color-jitter'() {
    const none = { brightness: 0, contrast: 0, saturation: 0, hue: 0, p: 1 };
    // (a, b, c) of a x + b gray(x) + c mean(gray(x)): the rest of a factor goes to gray for saturation, to its mean for contrast.
    for (const [change, rest] of [['brightness'], ['saturation', 1], ['contrast', 2]] as const) {
      const rows = await drawn('color-jitter', { ...none, [change]: 0.4 });
      assertUniform(column(rows, 0), 0.6, 1.4, change);
      for (const row of rows)
        for (const at of [1, 2]) assert.equal(row[at], at === rest ? 1 - row[0]! : 0, `${change} [${row.join()}]`);
      assertUniform(column(await drawn('color-jitter', { ...none, [change]: 1.5 }), 0), 0, 2.5, `much ${change}`);
    }
    assertUniform(column(await drawn('color-jitter', { ...none, hue: 0.1 }), 0), -0.1, 0.1, 'hue');

    const rows = await drawn('color-jitter', { brightness: 0.4, contrast: 0.3, saturation: 0.2, hue: 0.1, p: 0.8 });
    const changed = rows.filter((row) => row.at(-1) !== 0);
    assertShare(changed.length / COUNT, 0.8, COUNT, 'changed images');
    assertUniform(column(changed, changed[0]!.length - 1), -0.1, 0.1, 'hue among others');
    const orders = changed.map(changesOf);
    assertEqualShares(orders.map((order) => order.map(({ change }) => change).join()), 24, 'orders'); // prettier-ignore
    for (const [change, strength] of [
      ['brightness', 0.4],
      ['contrast', 0.3],
      ['saturation', 0.2],
    ] as const) {
      const factors = orders.flatMap((order) => order.filter((one) => one.change === change).map((one) => one.factor));
      assertUniform(factors, 1 - strength, 1 + strength, `${change} among others`);
    }
  },

  async 'gaussian-blur'() {
    // The deviation follows from the weights of two neighbours: w1 / w0 = exp(-1 / (2 sigma^2)).
    const deviations = (row: readonly number[], from: number): number =>
      Math.sqrt(-1 / (2 * Math.log(row[from + 1]! / row[from]!)));
    const rows = await drawn('gaussian-blur', { kernel: [7, 5], sigma: [0.2, 2], p: 0.5 });
    const blurred = rows.filter((row) => row[4] !== 0);
    assertShare(blurred.length / COUNT, 0.5, COUNT, 'blurred images');
    assertUniform(blurred.map((row) => deviations(row, 3)), 0.2, 2, 'sigma of the kernel across'); // prettier-ignore
    assertUniform(blurred.map((row) => deviations(row, 7 + 2)), 0.2, 2, 'sigma of the kernel down'); // prettier-ignore
  },

  grayscale: () => assertProbability('grayscale', 0.2),
  'vertical-flip': () => assertProbability('vertical-flip', 0.5),
  'horizontal-flip': () => assertProbability('horizontal-flip', 0.5),
  solarize: () => assertProbability('solarize', 0.2),

  normalize: () => assertDrawsNothing('normalize', { mean: [0, 0, 0], std: [1, 1, 1] }),
  resize: () => assertDrawsNothing('resize', { size: 8 }),

  'center-crop': () => assertDrawsNothing('center-crop', { size: 8 }),

  async 'one-of'() {
    const of = [await flip(), await flip(), await flip()];
    assertEqualShares(column(await drawn('one-of', { of }), 0).map(String), 3, 'choices');
    const choices = column(await drawn('one-of', { of, weights: [1, 0, 3] }), 0);
    [0.25, 0, 0.75].forEach((share, index) =>
      assertShare(choices.filter((choice) => choice === index).length / COUNT, share, COUNT, `choice ${index}`),
    );
  },

  async 'rand-augment'() {
    // 14 operations, of which nine have a sign: the halves of the other five are equal.
    const rows = await drawn('rand-augment', { operations: 2 });
    const ofOperation = (slot: number): string[] => rows.map((row) => row.slice(14 * slot, 14 * slot + 14).join());
    for (const slot of [0, 1]) {
      const counts = new Map<string, number>();
      for (const numbers of ofOperation(slot)) counts.set(numbers, (counts.get(numbers) ?? 0) + 1);
      assert.equal(counts.size, 9 * 2 + 5);
      const shares = [...counts.values()].sort((a, b) => a - b).map((count) => count / COUNT);
      shares.forEach((share, at) => assertShare(share, at < 18 ? 1 / 28 : 1 / 14, COUNT, `operation ${slot}`));
    }
    const [first, second] = [ofOperation(0), ofOperation(1)];
    const repeated = first.filter((numbers, sample) => numbers === second[sample]).length;
    assertShare(repeated / COUNT, 18 / 28 ** 2 + 5 / 14 ** 2, COUNT, 'images with the same operation twice');
  },

  async 'random-affine'() {
    // A map from outputs to inputs: its inverse turns, and moves the center.
    const forward = ([a, b, c, d, e, f]: readonly number[]) => {
      const determinant = a! * e! - b! * d!;
      const [x, y] = [(WIDTH - 1) / 2 - c!, (HEIGHT - 1) / 2 - f!];
      return {
        degrees: (Math.atan2(-d!, e!) * 180) / Math.PI,
        scale: 1 / Math.sqrt(determinant),
        across: (e! * x - b! * y) / determinant - (WIDTH - 1) / 2,
        down: (a! * y - d! * x) / determinant - (HEIGHT - 1) / 2,
      };
    };
    const options = { degrees: [-20, 50], scale: [0.5, 1.5], translate: [0.2, 0.1] };
    const maps = (await drawn('random-affine', options)).map(forward);
    assertUniform(maps.map(({ degrees }) => degrees), -20, 50, 'degrees', 1e-9); // prettier-ignore
    assertUniform(maps.map(({ scale }) => scale), 0.5, 1.5, 'scale', 1e-9); // prettier-ignore
    assertUniform(maps.map(({ across }) => across), -100, 100, 'shift across', 0.5); // prettier-ignore
    assertUniform(maps.map(({ down }) => down), -30, 30, 'shift down', 0.5); // prettier-ignore
    for (const { across } of maps) assert.ok(Math.abs(across - Math.round(across)) < 1e-9, 'shifts are whole pixels');

    const still = { degrees: [0, 0] };
    const degreesOf = (tangent: number): number => (Math.atan(tangent) * 180) / Math.PI;
    const shearedX = (await drawn('random-affine', { ...still, shearX: [-10, 30] })).map(([, b]) => degreesOf(b!));
    assertUniform(shearedX, -10, 30, 'shear across', 1e-9);
    const shearedY = (await drawn('random-affine', { ...still, shearY: [5, 15] })).map(([, , , d]) => degreesOf(d!));
    assertUniform(shearedY, 5, 15, 'shear down', 1e-9);
  },

  async 'random-apply'() {
    const rows = await drawn('random-apply', { of: [await flip()], p: 0.2 });
    assertShare(average(column(rows, 0)), 0.2, COUNT, 'changed images');
    const both = rows.filter((row) => row[0] === 1 && row[1] === 1);
    assertShare(both.length / COUNT, 0.2 * 0.5, COUNT, 'images that are flipped too');
  },

  async 'random-crop'() {
    const rows = await drawn('random-crop', { size: [10, 12], padding: 2 }, [12, 16, 3]);
    assertEqualShares(column(rows, 0).map(String), 7, 'boxes by their top');
    assertEqualShares(column(rows, 1).map(String), 9, 'boxes by their left');
    const usual = await drawn('random-crop', {}, [12, 16, 3]);
    assertEqualShares(column(usual, 1).map(String), 9, 'boxes of the size of the image by their left');
  },

  async 'random-order'() {
    const rows = await drawn('random-order', { of: [await flip(), await flip(), await flip()] });
    assertEqualShares(rows.map((row) => row.slice(0, 3).join()), 6, 'orders'); // prettier-ignore
  },

  async 'random-erasing'() {
    const rows = await drawn('random-erasing', { p: 0.3, size: [3, 6] }, [12, 16, 3]);
    const erased = rows.filter((row) => row[2] !== 0);
    assertShare(erased.length / COUNT, 0.3, COUNT, 'erased images');
    for (const [at, side] of [
      [2, 'height'],
      [3, 'width'],
    ] as const)
      assertEqualShares(column(erased, at).map(String), 4, `rectangles by ${side}`);
    assertUniform(column(erased, 4), 0, 1, 'value');
    const fixed = (await drawn('random-erasing', { p: 1, size: [5, 5] }, [12, 16, 3])).map((row) => row.map(String));
    assertEqualShares(fixed.map((row) => row[0]!), 8, 'rectangles by their top'); // prettier-ignore
    assertEqualShares(fixed.map((row) => row[1]!), 12, 'rectangles by their left'); // prettier-ignore
  },

  async 'random-resized-crop'() {
    // Small enough for every first try to fit, on images large enough that rounding to pixels moves little.
    const shape: ImageShape = [2000, 2000, 3];
    const rows = await drawn('random-resized-crop', { size: 8, scale: [0.1, 0.5], ratio: [0.5, 1.8] }, shape);
    assertUniform(rows.map(([, , height, width]) => (height! * width!) / 2000 ** 2), 0.1, 0.5, 'area', 2e-3); // prettier-ignore
    assertUniform(rows.map(([, , height, width]) => Math.log(width! / height!)), Math.log(0.5), Math.log(1.8), 'log ratio', 5e-3); // prettier-ignore
    assertUniform(rows.map(([top, , height]) => (top! + 0.5) / (2001 - height!)), 0, 1, 'top'); // prettier-ignore
    assertUniform(rows.map(([, left, , width]) => (left! + 0.5) / (2001 - width!)), 0, 1, 'left'); // prettier-ignore

    // Tries that do not fit are drawn again, and change the distribution.
    for (const [height, width] of [
      [32, 32],
      [20, 48],
    ] as const) {
      const scale = [0.2, 1] as const;
      const ours = await drawn('random-resized-crop', { size: 8, scale }, [height, width, 3]);
      const torchvision = Array.from({ length: COUNT }, (_, sample) =>
        getParams(random(8, 'torchvision', sample), height, width, scale, [3 / 4, 4 / 3]),
      );
      ['top', 'left', 'height', 'width'].forEach((name, at) =>
        assertSameDistribution(column(ours, at), column(torchvision, at), `${name} of crops of ${height}x${width}`),
      );
      const area = (rows: Rows) => rows.map(([, , boxHeight, boxWidth]) => boxHeight! * boxWidth!);
      const aspect = (rows: Rows) => rows.map(([, , boxHeight, boxWidth]) => boxWidth! / boxHeight!);
      assertSameDistribution(area(ours), area(torchvision), `area of crops of ${height}x${width}`);
      assertSameDistribution(aspect(ours), aspect(torchvision), `aspect of crops of ${height}x${width}`);
    }
  },

  async 'random-warp'() {
    const options = { area: [0.1, 0.5], aspect: [0.6, 1.5], rotation: 15, shear: 0.2 };
    const maps = (await drawn('random-warp', options)).map(([a, b, c, d, e, f]) => {
      const [angle, width] = [Math.atan2(d!, a!), Math.hypot(a!, d!)];
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      const height = e! * cos - b! * sin;
      const [middleX, middleY] = [(WIDTH - 1) / 2, (HEIGHT - 1) / 2];
      const centerX = (a! * middleX + b! * middleY + c! + 0.5) / WIDTH;
      const centerY = (d! * middleX + e! * middleY + f! + 0.5) / HEIGHT;
      return {
        angle: (angle * 180) / Math.PI,
        shear: (b! * cos + e! * sin) / height,
        area: width * height,
        aspect: Math.log(width / height),
        x: (centerX - width / 2) / (1 - width),
        y: (centerY - height / 2) / (1 - height),
      };
    });
    assertUniform(maps.map(({ angle }) => angle), -15, 15, 'degrees', 1e-9); // prettier-ignore
    assertUniform(maps.map(({ shear }) => shear), -0.2, 0.2, 'shear', 1e-9); // prettier-ignore
    assertUniform(maps.map(({ area }) => area), 0.1, 0.5, 'area', 1e-9); // prettier-ignore
    assertUniform(maps.map(({ aspect }) => aspect), Math.log(0.6), Math.log(1.5), 'log aspect', 1e-9); // prettier-ignore
    assertUniform(maps.map(({ x }) => x), 0, 1, 'centre across', 1e-9); // prettier-ignore
    assertUniform(maps.map(({ y }) => y), 0, 1, 'centre down', 1e-9); // prettier-ignore
  },
};

describe('the random parameters of augmentations', () => {
  onCpu();

  for (const { name } of plugins.filter(({ kind }) => kind === 'augmentation'))
    it(`${name} draws its distribution`, async () => {
      const test = TESTS[name];
      assert.ok(test, `Add a test of what ${name} draws.`);
      await test();
    });
});

/** Flag of an augmentation that draws nothing else, at another probability and at its default. */
async function assertProbability(name: string, byDefault: number): Promise<void> {
  for (const p of [0.35, byDefault]) {
    const flags = column(await drawn(name, p === byDefault ? {} : { p }), 0);
    assert.ok(flags.every((flag) => flag === 0 || flag === 1));
    assertShare(average(flags), p, COUNT, `${name} with p: ${p}`);
  }
}

async function assertDrawsNothing(name: string, options: { readonly [name: string]: unknown }): Promise<void> {
  assert.ok((await drawn(name, options)).every((row) => row.length === 0));
}

function flip() {
  return make<'augmentation'>(horizontalFlip);
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The changes of a color jitter in their order: three slots before hue, hue, three slots after. */
function changesOf(row: readonly number[]): readonly { readonly change: string; readonly factor: number }[] {
  const slots = [0, 1, 2, 3, 4, 5].map((slot) => row.slice(3 * slot, 3 * slot + 3));
  const changes = slots.map(([a, b, c]) => {
    const change = b !== 0 ? 'saturation' : c !== 0 ? 'contrast' : a !== 1 ? 'brightness' : 'none';
    return { change, factor: a! };
  });
  changes.splice(3, 0, { change: 'hue', factor: row.at(-1)! });
  return changes.filter(({ change }) => change !== 'none');
}

/** torchvision.transforms.RandomResizedCrop.get_params, line by line: [top, left, height, width]. */
function getParams(
  source: Random,
  height: number,
  width: number,
  scale: readonly [number, number],
  ratio: readonly [number, number],
): readonly number[] {
  for (let attempt = 0; attempt < 10; attempt++) {
    const targetArea = height * width * (scale[0] + (scale[1] - scale[0]) * source.uniform());
    const logRatio = Math.log(ratio[0]) + (Math.log(ratio[1]) - Math.log(ratio[0])) * source.uniform();
    const aspectRatio = Math.exp(logRatio);
    const w = Math.round(Math.sqrt(targetArea * aspectRatio));
    const h = Math.round(Math.sqrt(targetArea / aspectRatio));
    if (w > 0 && w <= width && h > 0 && h <= height) {
      const i = Math.floor(source.uniform() * (height - h + 1));
      const j = Math.floor(source.uniform() * (width - w + 1));
      return [i, j, h, w];
    }
  }
  const inRatio = width / height;
  const [w, h] =
    inRatio < ratio[0]
      ? [width, Math.round(width / ratio[0])]
      : inRatio > ratio[1]
        ? [Math.round(height * ratio[1]), height]
        : [width, height];
  return [Math.floor((height - h) / 2), Math.floor((width - w) / 2), h, w];
}
