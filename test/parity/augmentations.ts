import assert from 'node:assert/strict';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Random } from '@ssql/core';
import { colorJitter } from '../../packages/plugins/src/augmentation/color-jitter.js';
import { gaussianBlur } from '../../packages/plugins/src/augmentation/gaussian-blur.js';
import { grayscale } from '../../packages/plugins/src/augmentation/grayscale.js';
import { horizontalFlip } from '../../packages/plugins/src/augmentation/horizontal-flip.js';
import { normalize } from '../../packages/plugins/src/augmentation/normalize.js';
import { randomResizedCrop } from '../../packages/plugins/src/augmentation/random-resized-crop.js';
import { resize } from '../../packages/plugins/src/augmentation/resize.js';
import { solarize } from '../../packages/plugins/src/augmentation/solarize.js';
import { measure, readGolden, type Golden, type Measure } from '../golden/golden.js';
import { recipeNamed, toNchw, toNhwc, type HostTensor } from '../golden/recipe.js';
import { toHost, toTensor } from '../plugins/context.js';
import { make } from '../plugins/make-plugin.js';
import { unmatched, type ParityCase } from './parity-case.js';

type Plugin = Parameters<typeof make<'augmentation'>>[0];
type Options = { readonly [name: string]: unknown };

/** What a golden file of augmentations holds. */
export interface AugmentationFile {
  readonly recipe_prefix: string;
  readonly inputs: { readonly [name: string]: GoldenInput };
  readonly cases: readonly GoldenCase[];
}

/** Torchvision's operations, done by augmentations whose draws are scripted. */
export function augmentationCases(file: string): readonly ParityCase[] {
  return augmentationCasesOf(readGolden<AugmentationFile>(file));
}

/** Sizes, boxes and orders are those that the file writes. */
export function augmentationCasesOf(golden: AugmentationFile): readonly ParityCase[] {
  return golden.cases.map(({ op, params, input, output }) => {
    const name = `${op} ${JSON.stringify(params)}${input === 'img32' ? '' : ` of ${input}`}`;
    const [, , height, width] = golden.inputs[input]!.tensor.shape as [number, number, number, number];
    const steps = doneBy(op, params, { height, width });
    if (!steps) return unmatched(name, 'no augmentation does this');
    return {
      name,
      async measure({ tf }): Promise<Measure[]> {
        const torch = inputOf(golden, input);
        let images = toTensor(toNhwc(torch)) as Tensor4D;
        for (const [plugin, options, script] of steps) {
          const [count, height, width, channels] = images.shape;
          const prepared = (await make(plugin, options, { tf })).prepare([height, width, channels]);
          const row = prepared.draw(scripted(...script));
          const rows = Array.from({ length: count }, () => row);
          images = prepared.apply(images, tf.tensor2d(rows.flat(), [count, row.length]));
        }
        return [
          measure(torch, golden.inputs[input]!.tensor, 1e-6, 'input'),
          measure(toNchw(toHost(images)), output, 1e-5, 'images'),
        ];
      },
    };
  });
}

/** Gives the numbers of a script, in the order they are asked for. */
export function scripted(...numbers: number[]): Random {
  const next = (): number => {
    const number = numbers.shift();
    assert.ok(number !== undefined, 'more numbers drawn than scripted');
    return number;
  };
  return { uniform: next, between: next, integer: next, normal: next };
}

type Values = { readonly [name: string]: unknown };

interface GoldenCase {
  readonly op: string;
  readonly params: Values;
  readonly input: string;
  readonly output: Golden;
}

/** The name of a recipe, or `channel C of NAME repeated N times`. */
interface GoldenInput {
  readonly recipe: string;
  readonly tensor: Golden;
}

/** Images in [0, 1), NCHW. */
export function inputOf(golden: AugmentationFile, name: string): HostTensor {
  const { recipe, tensor } = golden.inputs[name]!;
  const [, channel, source] = /^channel (\d+) of (\S+) repeated/.exec(recipe) ?? [];
  const range = { scale: 0.5, offset: 0.5 };
  const image = recipeNamed(golden.recipe_prefix + (source ?? recipe), tensor.shape, range);
  if (channel === undefined) return image;
  const [, channels, height, width] = tensor.shape as [number, number, number, number];
  const plane = height * width;
  const first = (at: number): number =>
    Math.floor(at / (channels * plane)) * channels * plane + Number(channel) * plane;
  return { ...image, values: image.values.map((_, at) => image.values[first(at) + (at % plane)]!) };
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

interface Size {
  readonly height: number;
  readonly width: number;
}

interface Box extends Size {
  readonly top: number;
  readonly left: number;
}

/** Cuts a box of images of a size. Ours makes squares only. */
export function crop(images: Size, box: Box, size: readonly number[], antialias: boolean): Done | undefined {
  if (size[0] !== size[1]) return undefined;
  const area = (box.height * box.width) / (images.height * images.width);
  const script = [area, Math.log(box.width / box.height), box.top, box.left];
  return [randomResizedCrop, { size: size[0], antialias }, script];
}

/** How a golden case is done here; `undefined` where we have no such augmentation. */
function doneBy(op: string, params: Values, images: Size): readonly Done[] | undefined {
  const steps = op === 'pipeline' ? pipelineSteps(params, images) : [doneByOne(op, params, images)];
  return steps.every((step) => step !== undefined) ? steps.flat() : undefined;
}

function doneByOne(op: string, values: Values, images: Size): readonly Done[] | undefined {
  switch (op) {
    case 'resized_crop': {
      const done = crop(images, values as unknown as Box, values['size'] as number[], values['antialias'] as boolean);
      return done && [done];
    }
    case 'resize':
      return [[resize, { size: values['size'], antialias: values['antialias'] }, []]];
    case 'solarize':
      return [[solarize, values, [0]]];
    case 'hflip':
      return [[horizontalFlip, {}, [0]]];
    case 'rgb_to_grayscale':
      return [[grayscale, {}, [0]]];
    case 'normalize':
      return [[normalize, { mean: values['mean'], std: values['std'] }, []]];
    case 'gaussian_blur': {
      const kernel = values['kernel_size (kx,ky)'] as number[];
      const [across, down] = values['sigma (sx,sy)'] as [number, number];
      if (across === down) return [[gaussianBlur, { kernel }, [0, across]]];
      // A deviation for each direction is a blur in each.
      return [
        [gaussianBlur, { kernel: [kernel[0], 1] }, [0, across]],
        [gaussianBlur, { kernel: [1, kernel[1]] }, [0, down]],
      ];
    }
    case 'color_jitter':
      return [jitter(values['order'] as Change[], values['factors'] as { [change: string]: number })];
    default: {
      const change = op.replace('adjust_', '') as Change;
      return CHANGES.includes(change) ? [jitter([change], { [change]: values['factor'] as number })] : undefined;
    }
  }
}

/** The steps that a pipeline writes in words, such as `resized_crop [3, 5, 20, 24] to 32x32 bilinear antialias`; the box is top, left, height, width. */
function pipelineSteps(params: Values, images: Size): readonly (readonly Done[] | undefined)[] {
  const steps = params['steps'] as readonly string[];
  const factors = params['factors'] as { readonly [change: string]: number };
  // Changes that follow one another are one jitter, in their order.
  const isChange = (step: string | undefined): boolean => CHANGES.includes(step as Change);
  return steps.flatMap((step, at) => {
    if (isChange(step)) {
      if (isChange(steps[at - 1])) return [];
      const rest = steps.slice(at);
      const end = rest.findIndex((later) => !isChange(later));
      return [[jitter(rest.slice(0, end < 0 ? undefined : end) as Change[], factors)]];
    }
    const [, box, size] = /^resized_crop \[([\d, ]+)\] to (\d+x\d+) bilinear/.exec(step) ?? [];
    if (box === undefined || size === undefined) return [doneByOne(step, params, images)];
    const [top, left, height, width] = box.split(',').map(Number) as [number, number, number, number];
    const done = crop(images, { top, left, height, width }, size.split('x').map(Number), step.endsWith('antialias'));
    return [done && [done]];
  });
}
