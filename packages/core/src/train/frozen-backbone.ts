import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { CompiledStep, Engine, Step, Tensors } from '../engine/engine.js';
import { execute, type SiteTreatment } from '../nn/execute.js';
import { runningStatistics } from '../nn/normalization.js';
import type { PinnedSites } from '../quantization/pins.js';
import type { Precision } from '../quantization/precision.js';
import {
  beginning,
  initialFromWeights,
  trainedParameters,
  type TrainedParameter,
} from '../quantization/trained-parameters.js';
import { observedRanges, observing, quantizing, type Observations, type Sides } from '../quantization/treatments.js';
import { permutation, random } from '../random.js';
import type { Dataset } from './dataset.js';
import type { Model } from './model.js';
import { bitInputs, readBits } from './step-inputs.js';
import { imageTensor, type Views } from './views.js';

/** A trained backbone and the images that it is calibrated on. */
export interface Frozen {
  readonly engine: Engine;
  readonly model: Pick<Model, 'backbone' | 'backboneDescription' | 'sides'>;
  readonly views: Views;
  readonly dataset: Dataset;
  /** Holds the backbone's parameters and running statistics; stays the caller's. */
  readonly state: Tensors;
  readonly seed: number;
  /** Training images that calibrate activation ranges, and images that are computed at once. */
  readonly calibration: { readonly samples: number; readonly batch: number };
  /** As StageContext's: awaited once a batch. */
  readonly progress: (message: string, done: number, total: number) => Promise<void>;
}

/**
 * Computes features as linear evaluation takes them: batch norms by their running statistics; output ranges observed in one float pass
 * over some training images, drawn by the seed (golden README, "Linear evaluation").
 */
export interface FrozenBackbone {
  /** What it is made of. */
  readonly frozen: Frozen;
  /** Computes features with these pins in the place of the pipeline's, which hold where they are left out. */
  extractor(pins?: PinnedSites): FeatureExtractor;
  /** Calibration images are observed once; extractors are disposed before. */
  dispose(): void;
}

/** Compiled once for all bit widths. */
export interface FeatureExtractor {
  /** Images [N,H,W,C] of bytes -> features [N,D]. */
  features(images: Tensor4D, precision: Precision): Promise<Tensor2D>;
  dispose(): void;
}

type FeatureStep = CompiledStep<Tensors, Tensors, { readonly features: Tensor2D }>;

export function frozenBackbone(frozen: Frozen): FrozenBackbone {
  const { engine, model, state } = frozen;
  const { tf } = engine;
  const { backboneDescription, sides } = model;
  const own = [...backboneDescription.parameters, ...backboneDescription.statistics];
  const ofQuantizers = trainedParameters(sides, backboneDescription);
  const trained = [...own, ...ofQuantizers].filter(({ name }) => state[name] !== undefined);
  // Where training quantized nothing, the state has none of a quantizer's tensors: they begin with what was trained.
  const untrained = ofQuantizers.filter(({ name }) => state[name] === undefined);
  const begun = tf.tidy(() => initialFromWeights(tf, untrained, (layer) => state[`${layer}.weight`]!));
  const weights = { ...Object.fromEntries(trained.map(({ name }) => [name, state[name]!])), ...begun };
  let calibrated: Promise<Calibration> | undefined;

  return {
    frozen,
    extractor(pins = sides.pins) {
      const compiled = new Map<string, FeatureStep>();
      return {
        async features(images, precision) {
          const quantizesOutputs = precision.activations !== 'float';
          if (quantizesOutputs) calibrated ??= calibrate(frozen, untrained);
          const { observations, begun } = quantizesOutputs ? await calibrated! : NOT_CALIBRATED;
          const bits = bitInputs(engine, precision, 0);
          const inputs = { ...weights, ...begun, images, ...bits };
          const kind = `${Object.keys(bits).join()} ${images.shape[0]}`;
          try {
            let step = compiled.get(kind);
            if (step === undefined) {
              const featuresOf = featureStep(frozen, { ...sides, pins }, observations);
              step = engine.compile(featuresOf, {}, inputs) as FeatureStep;
              compiled.set(kind, step);
            }
            return step.run({}, inputs).outputs.features;
          } finally {
            tf.dispose(bits);
          }
        },
        dispose: () => compiled.forEach((step) => step.dispose()),
      };
    },
    dispose() {
      tf.dispose(begun);
      // A calibration that failed has thrown where it was waited for.
      void calibrated?.then(
        ({ observations, begun }) => tf.dispose([tensorsOf(observations), begun]),
        () => undefined,
      );
    },
  };
}

/** The training images that calibrate, in their order. */
export function calibrationImages({ dataset, calibration, seed }: Frozen): Uint32Array {
  const total = Math.min(calibration.samples, dataset.train.size);
  return permutation(dataset.train.size, random(seed, 'calibrate')).slice(0, total);
}

/** Images of bytes, the backbone's tensors and bit widths -> features. Ranges are constants of the graph. */
function featureStep(frozen: Frozen, sides: Sides, ranges: Observations): Step<Tensors, Tensors, Tensors> {
  return (state, inputs) => {
    const { images, ...rest } = inputs;
    const parameter = (name: string): Tensor => rest[name]!; // `weights` has all of the backbone's sites
    const { tf } = frozen.engine;
    const sites = quantizing(tf, sides, readBits(rest, 0), observedRanges(sides, ranges), parameter);
    return { state, outputs: { features: forward(frozen, rest, images as Tensor4D, sites) } };
  };
}

function forward({ engine, model, views }: Frozen, tensors: Tensors, images: Tensor4D, sites: SiteTreatment): Tensor {
  const parameter = (name: string): Tensor => tensors[name]!; // the description names what the network asks for
  const normalization = runningStatistics(engine, new Map(Object.entries(tensors)));
  return model.backbone.forward(execute(engine, { parameter, normalization, sites }), views.evaluate(images) as Tensor);
}

interface Calibration {
  readonly observations: Observations;
  /** What quantizers train at outputs, where nothing was trained: begun with the first batch. */
  readonly begun: Tensors;
}

const NOT_CALIBRATED: Calibration = Object.freeze({ observations: new Map(), begun: {} });

/** Observes all outputs in float passes over calibration images. */
async function calibrate(frozen: Frozen, untrained: readonly TrainedParameter[]): Promise<Calibration> {
  const { engine, model, dataset, calibration, progress, state } = frozen;
  const { tf } = engine;
  const order = calibrationImages(frozen);
  let observations: Observations = new Map();
  const begun: { [name: string]: Tensor } = {};
  try {
    for (let first = 0; first < order.length; first += calibration.batch) {
      const indexes = order.subarray(first, first + calibration.batch);
      const bytes = await dataset.train.read(indexes);
      const before = observations;
      const next: Observations = new Map(before);
      tf.tidy(() => {
        const images = imageTensor(tf, bytes, dataset.shape);
        forward(frozen, state, images, beginning(tf, untrained, begun, observing(model.sides, next)));
        Object.values(begun).forEach((tensor) => tf.keep(tensor));
        tensorsOf(next).forEach((tensor) => tf.keep(tensor));
      });
      const lasting = new Set(tensorsOf(next));
      tf.dispose(tensorsOf(before).filter((tensor) => !lasting.has(tensor)));
      observations = next;
      await progress('calibrate', first + indexes.length, order.length);
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
