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
import { recipe, toNchw, toNhwc, type HostTensor } from '../golden/recipe.js';
import { toHost, toTensor } from '../plugins/context.js';
import { make } from '../plugins/make-plugin.js';
import { unmatched, type ParityCase } from './parity-case.js';

type Plugin = Parameters<typeof make<'augmentation'>>[0];
type Options = { readonly [name: string]: unknown };

const STATISTICS = { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] };

/** Torchvision's operations, done by augmentations whose draws are scripted. */
export function augmentationCases(file: string): readonly ParityCase[] {
  return readGolden<{ cases: GoldenCase[] }>(file).cases.map((golden) => {
    const name = `${golden.op} ${JSON.stringify(golden.params)}`;
    const steps = doneBy(golden);
    if (!steps) return unmatched(name, 'no augmentation does this');
    return {
      name,
      async measure({ tf }): Promise<Measure[]> {
        let images = toTensor(inputOf(golden.input)) as Tensor4D;
        for (const [plugin, options, script] of steps) {
          const [, height, width, channels] = images.shape;
          const prepared = (await make(plugin, options, { tf })).prepare([height, width, channels]);
          const row = prepared.draw(scripted(...script));
          images = prepared.apply(images, tf.tensor2d([...row, ...row], [2, row.length]));
        }
        return [measure(toNchw(toHost(images)), golden.output, 1e-5, 'images')];
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

interface GoldenCase {
  readonly op: string;
  readonly params: { readonly [name: string]: never };
  readonly input: 'img' | 'img32' | 'gray32';
  readonly output: Golden;
}

/** Images in [0, 1), NHWC. */
function inputOf(name: GoldenCase['input']): HostTensor {
  const of = name === 'img' ? { name: 'g/img', size: [40, 48] } : { name: 'g/img32', size: [32, 32] };
  const image = recipe(of.name, [2, 3, ...of.size], { scale: 0.5, offset: 0.5 });
  if (name !== 'gray32') return toNhwc(image);
  const plane = 32 * 32;
  const values = image.values.map((_, i) => image.values[Math.floor(i / (3 * plane)) * 3 * plane + (i % plane)]!);
  return toNhwc({ ...image, values });
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

/** A part [top, left, height, width] of an image of 40x48. */
function crop([top, left, height, width]: readonly number[], antialias: boolean): Done {
  const area = (height! * width!) / (40 * 48);
  return [randomResizedCrop, { size: 32, antialias }, [area, Math.log(width! / height!), top!, left!]];
}

/** How a golden case is done here; `undefined` where we have no such augmentation. */
function doneBy({ op, params }: GoldenCase): readonly Done[] | undefined {
  const values: { readonly [name: string]: unknown } = params;
  switch (op) {
    case 'resized_crop': {
      const { top, left, height, width } = values as { [name: string]: number };
      return [crop([top!, left!, height!, width!], values['antialias'] as boolean)];
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
      return [[normalize, values, []]];
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
    case 'pipeline': {
      const factors = values['factors'] as { [change: string]: number };
      const order: Change[] = ['saturation', 'brightness', 'hue', 'contrast'];
      return [
        crop([3, 5, 20, 24], true),
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
