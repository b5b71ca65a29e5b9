import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Engine, Tensors } from '../engine/engine.js';
import { formatPrecision, type Precision } from '../quantization/precision.js';
import {
  beginning,
  initialFromWeights,
  trainedParameters,
  type TrainedParameter,
} from '../quantization/trained-parameters.js';
import { observing, type Observations } from '../quantization/treatments.js';
import { permutation, random } from '../random.js';
import type { Dataset, Split } from './dataset.js';
import { featureSteps, frozenForward, observationInputs, type FeatureSteps } from './feature-steps.js';
import type { Model } from './model.js';
import type { Features, FeatureSets } from './stage.js';
import { bitInputs } from './step-inputs.js';
import { imageTensor, type Views } from './views.js';

/** A trained backbone and what it is evaluated on. */
export interface Evaluated {
  readonly engine: Engine;
  readonly model: Model;
  readonly views: Views;
  readonly dataset: Dataset;
  /** Holds the backbone's parameters and running statistics; stays the caller's. */
  readonly state: Tensors;
  readonly seed: number;
  /** Training images that calibrate activation ranges, and images that are computed at once. */
  readonly calibration: { readonly samples: number; readonly batch: number };
  /** As StageContext's: awaited once a batch. */
  readonly progress: (message: string, done: number, total: number) => Promise<void>;
  /** Steps to compute with, which serve other weights too; stay the caller's. Left out: own ones. */
  readonly steps?: FeatureSteps | undefined;
}

export interface EvaluationFeatures {
  /** Frozen features at a precision; computed once. */
  at(precision: Precision): Promise<FeatureSets>;
  dispose(): void;
}

/**
 * The features of a frozen backbone at any precision, as linear evaluation takes them: batch norms by their running statistics; output
 * ranges observed in one float pass over some training images, drawn by the seed (golden README, "Linear evaluation").
 */
export function evaluationFeatures(evaluated: Evaluated): EvaluationFeatures {
  const known = new Map<string, Promise<FeatureSets>>();
  const extraction = createExtraction(evaluated);
  const { dataset } = evaluated;
  return {
    at(precision) {
      const name = formatPrecision(precision);
      let sets = known.get(name);
      if (sets === undefined) {
        sets = (async () => {
          const total = dataset.train.size + dataset.test.size;
          const train = await extraction.features(precision, dataset.train, { name, before: 0, total });
          const test = await extraction.features(precision, dataset.test, { name, before: dataset.train.size, total });
          return { train, test };
        })();
        known.set(name, sets);
      }
      return sets;
    },
    dispose: () => extraction.dispose(),
  };
}

interface Counted {
  readonly name: string;
  readonly before: number;
  readonly total: number;
}

interface Extraction {
  features(precision: Precision, split: Split, counted: Counted): Promise<Features>;
  dispose(): void;
}

function createExtraction(evaluated: Evaluated): Extraction {
  const { engine, model, dataset, calibration, progress, state } = evaluated;
  const { tf } = engine;
  const { backboneDescription, sides } = model;
  const own = [...backboneDescription.parameters, ...backboneDescription.statistics];
  const ofQuantizers = trainedParameters(sides, backboneDescription);
  const trained = [...own, ...ofQuantizers].filter(({ name }) => state[name] !== undefined);
  // Where training quantized nothing, the state has none of a quantizer's tensors: they begin with what was trained.
  const untrained = ofQuantizers.filter(({ name }) => state[name] === undefined);
  const begun = tf.tidy(() => initialFromWeights(tf, untrained, (layer) => state[`${layer}.weight`]!));
  const weights = { ...Object.fromEntries(trained.map(({ name }) => [name, state[name]!])), ...begun };
  const steps = evaluated.steps ?? featureSteps(evaluated);
  let calibrated: Promise<Calibration> | undefined;

  return {
    async features(precision, split, { name, before, total }) {
      const size = Math.min(calibration.batch, split.size);
      const quantizesOutputs = precision.activations !== 'float';
      if (quantizesOutputs) calibrated ??= calibrate(evaluated, untrained);
      const { observations, begun } = quantizesOutputs ? await calibrated! : NOT_CALIBRATED;
      let values = new Float32Array();
      let dimension = 0;
      for (let first = 0; first < split.size; first += size) {
        // The last batch is filled up with the first image: one compiled step serves all.
        const indexes = Uint32Array.from({ length: size }, (_, i) => (first + i < split.size ? first + i : 0));
        const images = imageTensor(tf, await split.read(indexes), dataset.shape);
        const bits = bitInputs(engine, precision, 0);
        let features: Tensor2D | undefined;
        try {
          features = steps.run({ ...weights, ...begun, images, ...bits, ...observationInputs(observations) });
          const batch = await features.data();
          dimension = features.shape[1];
          if (first === 0) values = new Float32Array(split.size * dimension);
          values.set(batch.subarray(0, (Math.min(first + size, split.size) - first) * dimension), first * dimension);
        } finally {
          tf.dispose([images, bits, features ?? []]);
        }
        await progress(`features ${name}`, before + Math.min(first + size, split.size), total);
      }
      return { values, dimension, labels: split.labels };
    },
    dispose() {
      if (steps !== evaluated.steps) steps.dispose();
      tf.dispose(begun);
      // A calibration that failed has thrown where it was waited for.
      void calibrated?.then(
        ({ observations, begun }) => tf.dispose([tensorsOf(observations), begun]),
        () => undefined,
      );
    },
  };
}

interface Calibration {
  readonly observations: Observations;
  /** What quantizers train at outputs, where nothing was trained: begun with the first batch. */
  readonly begun: Tensors;
}

const NOT_CALIBRATED: Calibration = Object.freeze({ observations: new Map(), begun: {} });

/** Observes all outputs in float passes over calibration images. */
async function calibrate(evaluated: Evaluated, untrained: readonly TrainedParameter[]): Promise<Calibration> {
  const { engine, model, dataset, calibration, seed, progress, state } = evaluated;
  const { tf } = engine;
  const total = Math.min(calibration.samples, dataset.train.size);
  const order = permutation(dataset.train.size, random(seed, 'calibrate')).subarray(0, total);
  let observations: Observations = new Map();
  const begun: { [name: string]: Tensor } = {};
  try {
    for (let first = 0; first < total; first += calibration.batch) {
      const indexes = order.subarray(first, first + calibration.batch);
      const bytes = await dataset.train.read(indexes);
      const before = observations;
      const next: Observations = new Map(before);
      tf.tidy(() => {
        const images = imageTensor(tf, bytes, dataset.shape);
        frozenForward(evaluated, state, images, beginning(tf, untrained, begun, observing(model.sides, next)));
        Object.values(begun).forEach((tensor) => tf.keep(tensor));
        tensorsOf(next).forEach((tensor) => tf.keep(tensor));
      });
      const lasting = new Set(tensorsOf(next));
      tf.dispose(tensorsOf(before).filter((tensor) => !lasting.has(tensor)));
      observations = next;
      await progress('calibrate', first + indexes.length, total);
    }
    return { observations, begun };
  } catch (error) {
    tf.dispose([tensorsOf(observations), begun]);
    throw error;
  }
}

function tensorsOf(observations: Observations): Tensor[] {
  return [...observations.values()].flatMap((observed) => Object.values(observed));
}
