import assert from 'node:assert/strict';
import type { Golden } from '../golden/golden.js';
import type { HostTensor } from '../golden/recipe.js';
import { onCpu } from '../plugins/context.js';
import { augmentationCasesOf, crop, inputOf, type AugmentationFile } from './augmentations.js';
import { onTfjs } from './it-is-official.js';
import { judge } from './verdict.js';

const COUNT = 3;
const [HEIGHT, WIDTH] = [44, 36];

/** Only the shapes of inputs are read, and the values are those of the recipe. */
const unread = (...shape: readonly number[]): Golden => ({ shape, values: [] });
const INPUTS = {
  img: { recipe: 'img', tensor: unread(COUNT, 3, HEIGHT, WIDTH) },
  gray: { recipe: 'channel 1 of img repeated 3 times', tensor: unread(COUNT, 3, HEIGHT, WIDTH) },
};
const EMPTY: AugmentationFile = { recipe_prefix: 'test/', inputs: INPUTS, cases: [] };

/** A file with one case, whose input is stated as the recipe makes it. */
function fileOf(op: string, params: { readonly [name: string]: unknown }, output: HostTensor): AugmentationFile {
  const img = { recipe: 'img', tensor: goldenOf(inputOf(EMPTY, 'img')) };
  return { ...EMPTY, inputs: { img }, cases: [{ op, params, input: 'img', output: goldenOf(output) }] };
}

const goldenOf = ({ shape, values }: HostTensor): Golden => ({ shape, values: [...values] });

/** The box of the input, perhaps mirrored: what a crop to its own size leaves. */
function cut(top: number, left: number, side: number, change = (x: number) => x, flipped = false): HostTensor {
  const { values } = inputOf(EMPTY, 'img');
  const cutValues = Array.from({ length: COUNT * 3 * side * side }, (_, at) => {
    const [plane, y, x] = [Math.floor(at / side ** 2), Math.floor(at / side) % side, at % side];
    return change(values[(plane * HEIGHT + top + y) * WIDTH + left + (flipped ? side - 1 - x : x)]!);
  });
  return { shape: [COUNT, 3, side, side], values: Float32Array.from(cutValues) };
}

async function outcomeOf(file: AugmentationFile): Promise<string> {
  const { outcome, text } = judge(await augmentationCasesOf(file)[0]!.measure(onTfjs));
  return outcome === 'passed' ? outcome : text;
}

describe('the reader of golden augmentations', () => {
  onCpu();

  it('makes inputs of the shape and the channel that the file states', () => {
    assert.deepEqual(inputOf(EMPTY, 'img').shape, [COUNT, 3, HEIGHT, WIDTH]);
    const [img, gray] = [inputOf(EMPTY, 'img').values, inputOf(EMPTY, 'gray').values];
    const plane = HEIGHT * WIDTH;
    for (const channel of [3, 4, 5]) {
      const repeated = gray.subarray(channel * plane, (channel + 1) * plane);
      assert.deepEqual(repeated, img.subarray(4 * plane, 5 * plane));
    }
  });

  it('draws a crop as a share of the images that the file states', () => {
    const box = { top: 3, left: 5, height: 22, width: 9 };
    const [, options, script] = crop({ height: HEIGHT, width: WIDTH }, box, [8, 8], true)!;
    assert.deepEqual(options, { size: 8, antialias: true });
    assert.deepEqual(script, [(22 * 9) / (HEIGHT * WIDTH), Math.log(9 / 22), 3, 5]);
    assert.equal(crop({ height: HEIGHT, width: WIDTH }, box, [8, 9], true), undefined, 'ours makes squares only');
  });

  it('cuts the box of a crop, and not another one', async () => {
    const params = { top: 7, left: 2, height: 24, width: 24, size: [24, 24], antialias: true };
    assert.equal(await outcomeOf(fileOf('resized_crop', params, cut(7, 2, 24))), 'passed');
    assert.match(await outcomeOf(fileOf('resized_crop', params, cut(7, 3, 24))), /images/);
  });

  it('does the steps of a pipeline with its box, in its order', async () => {
    const box = 'resized_crop [4, 6, 20, 20] to 20x20 bilinear antialias';
    const statistics = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };
    const steps = [box, 'brightness', 'hflip', 'normalize'];
    const params = { steps, factors: { brightness: 1.5 }, ...statistics };
    const brightened = (x: number): number => Math.min(1, 1.5 * x);
    const normalized = (x: number): number => (x - 0.5) / 0.25;
    const output = cut(4, 6, 20, (x) => normalized(brightened(x)), true);
    assert.equal(await outcomeOf(fileOf('pipeline', params, output)), 'passed');
    const earlier = { ...params, steps: [box, 'normalize', 'brightness', 'hflip'] };
    assert.notEqual(await outcomeOf(fileOf('pipeline', earlier, output)), 'passed');
    const unknown = augmentationCasesOf(fileOf('pipeline', { ...params, steps: [box, 'erasing'] }, output))[0]!;
    await assert.rejects(unknown.measure(onTfjs), /no augmentation does this/);
  });

  it('changes colors in the order of the pipeline', async () => {
    const factors = { brightness: 1.8, saturation: 0 };
    const outputs = (order: readonly string[]) => fileOf('pipeline', { steps: order, factors }, pixels(order));
    for (const order of [
      ['brightness', 'saturation'],
      ['saturation', 'brightness'],
    ])
      assert.equal(await outcomeOf(outputs(order)), 'passed');
  });
});

/** Brightened to at most 1 and made gray, in an order. */
function pixels(order: readonly string[]): HostTensor {
  const { shape, values } = inputOf(EMPTY, 'img');
  const plane = HEIGHT * WIDTH;
  const bright = (x: number): number => Math.min(1, 1.8 * x);
  const changed = values.map((_, at) => {
    const first = Math.floor(at / (3 * plane)) * 3 * plane + (at % plane);
    const colors = [0, 1, 2].map((channel) => values[first + channel * plane]!);
    const gray = (of: readonly number[]): number => 0.2989 * of[0]! + 0.587 * of[1]! + 0.114 * of[2]!;
    return order[0] === 'saturation' ? bright(gray(colors)) : gray(colors.map(bright));
  });
  return { shape, values: changed };
}
