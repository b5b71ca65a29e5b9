import type { Tensor2D } from '@tensorflow/tfjs-core';
import { formatEvaluationPrecision, type EvaluationPrecision } from '../quantization/evaluation-precision.js';
import type { Split } from '../kinds/data.js';
import { bitAssignments, type AssignBits, type MixedPrecision } from './assign-bits.js';
import { foldedBackbone } from './folded-backbone.js';
import { frozenBackbone, type FeatureExtractor, type Frozen, type FrozenBackbone } from './frozen-backbone.js';
import type { Features, FeatureSets } from '../kinds/stage.js';
import { imageTensor } from '../train/views.js';

export interface EvaluationFeatures {
  /** Frozen features at a precision; computed once. */
  at(precision: EvaluationPrecision): Promise<FeatureSets>;
  dispose(): void;
}

/** Inputs of evaluation: a frozen backbone, and how bits are assigned to its sites at mixed precisions. */
export interface Evaluated extends Frozen {
  readonly mixed: MixedPrecision;
}

/** The features of a frozen backbone at any precision. */
export function evaluationFeatures(evaluated: Evaluated): EvaluationFeatures {
  const known = new Map<string, Promise<FeatureSets>>();
  const backbones = new Map<boolean, Opened>();
  const open = (folded: boolean): Opened => {
    let opened = backbones.get(folded);
    if (opened === undefined) {
      const backbone = folded ? foldedBackbone(evaluated) : frozenBackbone(evaluated);
      opened = { backbone, extractor: backbone.extractor(), assign: bitAssignments(backbone, evaluated.mixed) };
      backbones.set(folded, opened);
    }
    return opened;
  };
  return {
    at(precision) {
      const name = formatEvaluationPrecision(precision);
      let sets = known.get(name);
      if (sets === undefined) {
        sets = atPrecision(evaluated, open(precision.folded ?? false), precision);
        known.set(name, sets);
      }
      return sets;
    },
    dispose() {
      for (const { backbone, extractor } of backbones.values()) {
        extractor.dispose();
        backbone.dispose();
      }
    },
  };
}

interface Opened {
  readonly backbone: FrozenBackbone;
  /** With the pins of the pipeline. */
  readonly extractor: FeatureExtractor;
  readonly assign: AssignBits;
}

async function atPrecision(
  evaluated: Evaluated,
  { backbone, extractor, assign }: Opened,
  precision: EvaluationPrecision,
): Promise<FeatureSets> {
  if (!precision.mixed) return featureSets(evaluated, extractor, precision);
  const mixed = backbone.extractor(await assign(precision));
  try {
    return await featureSets(evaluated, mixed, precision);
  } finally {
    mixed.dispose();
  }
}

async function featureSets(
  evaluated: Frozen,
  extractor: FeatureExtractor,
  precision: EvaluationPrecision,
): Promise<FeatureSets> {
  const { train, test } = evaluated.dataset;
  const total = train.size + test.size;
  const features = (split: Split, before: number): Promise<Features> =>
    featuresOf(evaluated, extractor, precision, split, (done) =>
      evaluated.progress(`features ${formatEvaluationPrecision(precision)}`, before + done, total),
    );
  return { train: await features(train, 0), test: await features(test, train.size) };
}

async function featuresOf(
  { engine: { tf }, calibration, dataset }: Frozen,
  extractor: FeatureExtractor,
  precision: EvaluationPrecision,
  split: Split,
  progress: (done: number) => Promise<void>,
): Promise<Features> {
  const size = Math.min(calibration.batch, split.size);
  let values = new Float32Array();
  let dimension = 0;
  for (let first = 0; first < split.size; first += size) {
    const end = Math.min(first + size, split.size);
    // The last batch is padded with the first image, so that one compiled step serves all batches.
    const indexes = Uint32Array.from({ length: size }, (_, i) => (first + i < end ? first + i : 0));
    const images = imageTensor(tf, await split.read(indexes), dataset.shape);
    let features: Tensor2D | undefined;
    try {
      features = await extractor.features(images, precision);
      const batch = await features.data();
      dimension = features.shape[1];
      if (first === 0) values = new Float32Array(split.size * dimension);
      values.set(batch.subarray(0, (end - first) * dimension), first * dimension);
    } finally {
      tf.dispose([images, features ?? []]);
    }
    await progress(end);
  }
  return { values, dimension, labels: split.labels };
}
