import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine, Tensors } from '../engine/engine.js';
import {
  initializingFromOutputs,
  initialFromWeights,
  trainedParameters,
  type TrainedParameter,
} from '../train/quantizer-parameters.js';
import { floatName } from '../train/batch-norms.js';
import { observing, type Observations } from '../train/site-hooks.js';
import { permutation, random } from '../random.js';
import type { Dataset, Split } from '../kinds/data.js';
import { featureSteps, frozenForward, observationInputs, type FeatureSteps, type Pass } from './feature-steps.js';
import type { Model } from '../train/model.js';
import { imageTensor, type Views } from '../train/views.js';

/** A trained backbone and the images that it is calibrated on. */
export interface Frozen {
  readonly engine: Engine;
  readonly model: Pick<Model, 'backbone' | 'backboneDescription' | 'quantization'>;
  readonly views: Views;
  readonly dataset: Dataset;
  /** Contains the backbone's parameters and running statistics; owned by the caller. */
  readonly state: Tensors;
  readonly seed: number;
  /** Number of training images that calibrate activation ranges, and images per batch. */
  readonly calibration: { readonly name?: string; readonly samples: number; readonly batch: number };
  /** As in StageContext: awaited once per batch. */
  readonly progress: (message: string, done: number, total: number) => Promise<void>;
  /** The images that calibrate, if they are not drawn from the training images. */
  readonly calibrationBatches?: (() => AsyncIterable<CalibrationBatch>) | undefined;
  /** Compiled steps shared with other weights, owned by the caller; default: new ones. */
  readonly steps?: FeatureSteps | undefined;
}

/** Images that calibrate, and the number of images up to this batch and in total. */
export interface CalibrationBatch {
  /** Makes the prepared images; called within `tf.tidy`. */
  images(): Tensor4D;
  readonly done: number;
  readonly total: number;
}

/**
 * Computes features for linear evaluation: batch norms use their running statistics; output ranges are observed in one float pass over
 * training images drawn from the seed (golden README, "Linear evaluation").
 */
export interface FrozenBackbone {
  /** Its parts. */
  readonly frozen: Frozen;
  /** Images [N,H,W,C] of bytes -> the images that `features` takes; the caller disposes them. */
  prepare(images: Tensor4D): Tensor4D;
  /**
   * Prepared images -> features [N,D] of each pass; the caller disposes them.
   * @param steps compiled steps; default: the backbone's, which it keeps
   */
  features(images: Tensor4D, passes: readonly Pass[], steps?: FeatureSteps): Promise<readonly Tensor2D[]>;
  /** All of its tensors, and the observed outputs; it owns both. */
  calibrated(): Promise<{ readonly tensors: Tensors; readonly observations: Observations }>;
  /** Frees compiled steps and calibrations, which are made once. */
  dispose(): void;
}

export function frozenBackbone(frozen: Frozen): FrozenBackbone {
  const { engine, model, state } = frozen;
  const { tf } = engine;
  const { backboneDescription, quantization } = model;
  const ofBackbone = [...backboneDescription.parameters, ...backboneDescription.statistics];
  const ofQuantizers = trainedParameters(quantization, backboneDescription);
  const trained = [...ofBackbone, ...ofQuantizers].filter(({ name }) => state[name] !== undefined);
  // If training quantized nothing, the state has no tensors of quantizers: they are initialized from the trained weights.
  const untrained = ofQuantizers.filter(({ name }) => state[name] === undefined);
  const begun = tf.tidy(() => initialFromWeights(tf, untrained, (layer) => state[`${layer}.weight`]!));
  const ofSets = Object.entries(state).filter(
    ([name]) => name !== floatName(name) && ofBackbone.some((tensor) => tensor.name === floatName(name)),
  );
  const weights = { ...Object.fromEntries([...trained.map(({ name }) => [name, state[name]!]), ...ofSets]), ...begun };
  const kept = frozen.steps ?? featureSteps(frozen);
  let calibrated: Promise<Calibration> | undefined;

  return {
    frozen,
    prepare: (images) => kept.prepare(images),
    async features(images, passes, steps = kept) {
      const quantizesOutputs = passes.some(({ precision }) => precision.activations !== 'float');
      if (quantizesOutputs) calibrated ??= calibrate(frozen, untrained);
      const { observations, begun } = quantizesOutputs ? await calibrated! : NOT_CALIBRATED;
      const network = { ...model, calibration: frozen.calibration.name };
      return steps.run(network, passes, { ...weights, ...begun, images, ...observationInputs(observations) });
    },
    async calibrated() {
      const { observations, begun } = await (calibrated ??= calibrate(frozen, untrained));
      return { tensors: { ...weights, ...begun }, observations };
    },
    dispose() {
      if (kept !== frozen.steps) kept.dispose();
      tf.dispose(begun);
      // A failed calibration has already thrown where it was awaited.
      void calibrated?.then(
        ({ observations, begun }) => tf.dispose([tensorsOf(observations), begun]),
        () => undefined,
      );
    },
  };
}

/** The calibration images, in order. */
export function calibrationImages({ dataset, calibration, seed }: Frozen): Uint32Array {
  const total = Math.min(calibration.samples, dataset.train.size);
  return permutation(dataset.train.size, random(seed, 'calibrate')).slice(0, total);
}

/** Reads images of a split and prepares them; the caller disposes them. */
export async function preparedImages(
  { frozen: { engine, dataset }, prepare }: FrozenBackbone,
  split: Split,
  indexes: Uint32Array,
): Promise<Tensor4D> {
  const images = imageTensor(engine.tf, await split.read(indexes), dataset.shape);
  try {
    return prepare(images);
  } finally {
    images.dispose();
  }
}

interface Calibration {
  readonly observations: Observations;
  /** Tensors of quantizers at outputs that were not trained, initialized from the first batch. */
  readonly begun: Tensors;
}

const NOT_CALIBRATED: Calibration = Object.freeze({ observations: new Map(), begun: {} });

/** The calibration images in batches, as evaluation prepares images. */
async function* drawnBatches(frozen: Frozen): AsyncGenerator<CalibrationBatch> {
  const { engine, views, dataset, calibration } = frozen;
  const order = calibrationImages(frozen);
  for (let first = 0; first < order.length; first += calibration.batch) {
    const indexes = order.subarray(first, first + calibration.batch);
    const bytes = await dataset.train.read(indexes);
    yield {
      images: () => views.evaluate(imageTensor(engine.tf, bytes, dataset.shape)),
      done: first + indexes.length,
      total: order.length,
    };
  }
}

/** Observes all outputs in float passes over calibration images. */
async function calibrate(frozen: Frozen, untrained: readonly TrainedParameter[]): Promise<Calibration> {
  const { engine, model, progress, state, calibrationBatches = () => drawnBatches(frozen) } = frozen;
  const { tf } = engine;
  let observations: Observations = new Map();
  const begun: { [name: string]: Tensor } = {};
  try {
    for await (const { images, done, total } of calibrationBatches()) {
      const before = observations;
      const next: Observations = new Map(before);
      tf.tidy(() => {
        frozenForward(
          frozen,
          model,
          state,
          images(),
          initializingFromOutputs(tf, untrained, begun, observing(model.quantization, next)),
        );
        Object.values(begun).forEach((tensor) => tf.keep(tensor));
        tensorsOf(next).forEach((tensor) => tf.keep(tensor));
      });
      const lasting = new Set(tensorsOf(next));
      tf.dispose(tensorsOf(before).filter((tensor) => !lasting.has(tensor)));
      observations = next;
      await progress('calibrate', done, total);
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
