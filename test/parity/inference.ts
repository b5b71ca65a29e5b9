import type { Precision, Split } from '@ssql/core';
import type { Composition } from '../../packages/core/src/container/composition.js';
import type { Engine } from '../../packages/core/src/engine/engine.js';
import { evaluationFeatures } from '../../packages/core/src/evaluate/evaluation-features.js';
import type { Evaluated } from '../../packages/core/src/evaluate/opened-backbones.js';
import { assembleModel } from '../../packages/core/src/train/model.js';
import { viewsOf } from '../../packages/core/src/train/views.js';
import { goldenRecipe, measure, readGolden, type Golden, type Measure } from '../golden/golden.js';
import { recipeNamed, toNhwc, weightScale, type HostTensor, type Recipe } from '../golden/recipe.js';
import { trainedState, UNMIXED } from '../train/micro.js';
import { nearest } from './float-noise.js';
import { compositionOf } from './networks.js';
import type { ParityCase } from './parity-case.js';
import { imagesIn, pinsOf, type BitConfig, type StatedImages } from './stated.js';

interface File {
  readonly arch: string;
  readonly arch_description: string;
  readonly batch: number;
  /** The name, shape and scale of the images, in words. */
  readonly calibration: string;
  readonly bit_config: BitConfig;
  readonly cases: readonly Case[];
}

interface Case {
  readonly w_bit: number;
  readonly a_bit: number;
  readonly official_bit_config: boolean;
  readonly input: string;
  readonly features: Golden;
  readonly logits: Golden;
  readonly deviation_other_float32_kernels_rel: number;
}

/** Images to evaluate and to calibrate on, by the names of their recipe. */
interface Images extends StatedImages {
  readonly input: string;
  readonly calibration: string;
  readonly factor: number;
  readonly make: Recipe;
}

const TIGHT = 2e-5;

/** Features and logits of a frozen network at a precision, after calibration. */
export function inferenceCases(file: string): readonly ParityCase[] {
  const golden = readGolden<File>(file);
  return golden.cases.map((one) => ({
    name: `w${one.w_bit}a${one.a_bit}${one.official_bit_config ? ', pinned' : ''}`,
    async measure(engine): Promise<readonly Measure[]> {
      const { precision, pins } = precisionOf(golden, one);
      const tolerance = golden.arch === 'micro' ? TIGHT : Math.max(1e-4, 10 * one.deviation_other_float32_kernels_rel);
      return nearest(engine, async (engine, { factor }) => {
        const values = await featuresAt(engine, golden, imagesOf(golden, one, factor), precision, pins);
        const features = { shape: one.features.shape, values };
        return [
          measure(features, one.features, tolerance, 'features'),
          measure(logitsOf(features, one.logits.shape[1]!), one.logits, tolerance, 'logits'),
        ];
      });
    },
  }));
}

/** In the official code a pin also quantizes where the rest is float; ours leave float float, and pin the rest to float. */
function precisionOf(
  { bit_config }: File,
  { w_bit, a_bit, official_bit_config }: Case,
): {
  readonly precision: Precision;
  readonly pins: Composition['pins'];
} {
  if (w_bit > 0)
    return { precision: { weights: w_bit, activations: a_bit }, pins: official_bit_config ? pinsOf(bit_config) : {} };
  if (!official_bit_config) return { precision: { weights: 'float', activations: 'float' }, pins: {} };
  const pinned = { '*': { weights: 'float', activations: 'float' }, ...pinsOf(bit_config) } as const;
  return { precision: { weights: 8, activations: 8 }, pins: pinned };
}

function imagesOf({ calibration, batch }: File, { input }: Case, factor: number): Images {
  const [name = ''] = calibration.split(' ');
  // A case writes the whole name, the file that of the calibration without the prefix.
  const make: Recipe = (of, shape, range) => (of === input ? recipeNamed : goldenRecipe)(of, shape, range);
  return { ...imagesIn(calibration, batch), input, calibration: name, factor, make };
}

async function featuresAt(
  engine: Engine,
  { arch_description }: File,
  images: Images,
  precision: Precision,
  pins: Composition['pins'],
): Promise<Float32Array> {
  const composition = await compositionOf(engine, arch_description, pins);
  const [batch, channels, height, width] = images.shape;
  const model = assembleModel(composition as Composition, [batch, height, width, channels], () => undefined); // reads no dataset
  const state = trainedState(engine, model, goldenRecipe);
  const features = evaluationFeatures({ ...frozenImages(images), engine, model, state });
  try {
    return (await features.at([precision]))[0]!.test.values;
  } finally {
    features.dispose();
    engine.tf.dispose(state);
  }
}

/** The images of a case in the place of a dataset, as they are. */
export function frozenImages(images: Images): Omit<Evaluated, 'engine' | 'model' | 'state'> {
  const [batch, channels, height, width] = images.shape;
  return {
    views: viewsOf(
      [
        {
          shape: [height, width, channels],
          draws: 0,
          draw: () => new Float32Array(),
          apply: (images) => images,
          evaluate: (images) => images,
        },
      ],
      1,
    ),
    dataset: {
      name: 'golden',
      classes: [],
      shape: [height, width, channels],
      train: split(images, images.calibration),
      test: split(images, images.input),
      fingerprint: '',
    },
    seed: 0,
    // Batches that do not divide the images: the observers go on, and the last batch is filled up.
    calibration: { samples: batch, batch: 3 },
    progress: async () => undefined,
    mixed: UNMIXED,
  };
}

/** Float images in the place of bytes. */
function split({ shape, scale, factor, make }: Images, name: string): Split {
  const [batch] = shape;
  const { values } = toNhwc(make(name, shape, { scale }));
  const size = values.length / batch;
  return {
    size: batch,
    labels: new Uint8Array(batch),
    read: async (indexes) => {
      const images = Array.from(indexes, (index) => [...values.subarray(index * size, (index + 1) * size)]);
      return Float32Array.from(images.flat(), (value) => value * factor) as unknown as Uint8Array;
    },
  };
}

/** The float linear head, [N,D] -> [N,classes]. */
function logitsOf({ shape, values }: HostTensor, classes: number): HostTensor {
  const [count, dimension] = shape as [number, number];
  const weight = goldenRecipe('f/fc.weight', [classes, dimension], { scale: weightScale([classes, dimension]) }).values;
  const bias = goldenRecipe('f/fc.bias', [classes], { scale: 0.1 }).values;
  const logits = Float32Array.from({ length: count * classes }, (_, at) => {
    const [row, label] = [Math.floor(at / classes), at % classes];
    const feature = values.subarray(row * dimension, (row + 1) * dimension);
    return feature.reduce((sum, value, i) => sum + value * weight[label * dimension + i]!, bias[label]!);
  });
  return { shape: [count, classes], values: logits };
}
