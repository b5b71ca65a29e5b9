import type { Precision, Split } from '@ssql/core';
import type { Composition } from '../../packages/core/src/container/composition.js';
import type { Engine } from '../../packages/core/src/engine/engine.js';
import { evaluationFeatures, type Evaluated } from '../../packages/core/src/evaluate/evaluation-features.js';
import { assembleModel } from '../../packages/core/src/train/model.js';
import { measure, readGolden, type Golden, type Measure } from '../golden/golden.js';
import { PREFIX, recipe, toNhwc, weightScale, type HostTensor } from '../golden/recipe.js';
import { OFFICIAL_PINS, trainedState, UNMIXED } from '../train/micro.js';
import { nearest } from './float-noise.js';
import { compositionOf, type Architecture } from './networks.js';
import type { ParityCase } from './parity-case.js';

interface File {
  readonly arch: Architecture;
  readonly batch: number;
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

interface Images {
  readonly input: string;
  readonly factor: number;
}

const TIGHT = 2e-5;

/** Features and logits of a frozen network at a precision, after calibration. */
export function inferenceCases(file: string): readonly ParityCase[] {
  const golden = readGolden<File>(file);
  return golden.cases.map((one) => ({
    name: `w${one.w_bit}a${one.a_bit}${one.official_bit_config ? ', pinned' : ''}`,
    async measure(engine): Promise<readonly Measure[]> {
      const { precision, pins } = precisionOf(one);
      const tolerance = golden.arch === 'micro' ? TIGHT : Math.max(1e-4, 10 * one.deviation_other_float32_kernels_rel);
      return nearest(engine, async (engine, { factor }) => {
        const values = await featuresAt(engine, golden, { input: one.input, factor }, precision, pins);
        const features = { shape: one.features.shape, values };
        return [
          measure(features, one.features, tolerance, 'features'),
          measure(logitsOf(features), one.logits, tolerance, 'logits'),
        ];
      });
    },
  }));
}

/** In the official code a pin also quantizes where the rest is float; ours leave float float, and pin the rest to float. */
function precisionOf({ w_bit, a_bit, official_bit_config }: Case): {
  readonly precision: Precision;
  readonly pins: Composition['pins'];
} {
  if (w_bit > 0)
    return { precision: { weights: w_bit, activations: a_bit }, pins: official_bit_config ? OFFICIAL_PINS : {} };
  if (!official_bit_config) return { precision: { weights: 'float', activations: 'float' }, pins: {} };
  const stemOnly = { '*': { weights: 'float', activations: 'float' }, conv1: { weights: 8, activations: 8 } } as const;
  return { precision: { weights: 8, activations: 8 }, pins: stemOnly };
}

async function featuresAt(
  engine: Engine,
  { arch, batch }: File,
  images: Images,
  precision: Precision,
  pins: Composition['pins'],
): Promise<Float32Array> {
  const composition = await compositionOf(engine, arch, pins);
  const model = assembleModel(composition as Composition, [batch, 32, 32, 3], () => undefined); // reads no dataset
  const state = trainedState(engine, model);
  const features = evaluationFeatures({ ...frozenImages(batch, images), engine, model, state });
  try {
    return (await features.at(precision)).test.values;
  } finally {
    features.dispose();
    engine.tf.dispose(state);
  }
}

/** The images of a case in the place of a dataset, as they are. */
export function frozenImages(batch: number, { input, factor }: Images): Omit<Evaluated, 'engine' | 'model' | 'state'> {
  return {
    views: {
      shape: [32, 32, 3],
      draws: 0,
      draw: () => new Float32Array(),
      apply: (images) => images,
      evaluate: (images) => images,
    },
    dataset: {
      name: 'golden',
      classes: [],
      shape: [32, 32, 3],
      train: split(batch, 'f/calib', factor),
      test: split(batch, input.slice(PREFIX.length), factor),
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
function split(batch: number, name: string, factor: number): Split {
  const { values } = toNhwc(recipe(name, [batch, 3, 32, 32], { scale: 2 }));
  const size = 32 * 32 * 3;
  return {
    size: batch,
    labels: new Uint8Array(batch),
    read: async (indexes) => {
      const images = Array.from(indexes, (index) => [...values.subarray(index * size, (index + 1) * size)]);
      return Float32Array.from(images.flat(), (value) => value * factor) as unknown as Uint8Array;
    },
  };
}

/** The float linear head, [N,D] -> [N,10]. */
function logitsOf({ shape, values }: HostTensor): HostTensor {
  const [count, dimension] = shape as [number, number];
  const classes = 10;
  const weight = recipe('f/fc.weight', [classes, dimension], { scale: weightScale([classes, dimension]) }).values;
  const bias = recipe('f/fc.bias', [classes], { scale: 0.1 }).values;
  const logits = Float32Array.from({ length: count * classes }, (_, at) => {
    const [row, label] = [Math.floor(at / classes), at % classes];
    const feature = values.subarray(row * dimension, (row + 1) * dimension);
    return feature.reduce((sum, value, i) => sum + value * weight[label * dimension + i]!, bias[label]!);
  });
  return { shape: [count, classes], values: logits };
}
