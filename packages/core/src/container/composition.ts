import type { Assigner } from '../kinds/assigner.js';
import type { Augmentation } from '../kinds/augmentation.js';
import type { Dataset } from '../kinds/data.js';
import type { Kind, PluginKinds } from '../kinds/kinds.js';
import type { Logger } from '../kinds/logger.js';
import type { Optimizer } from '../kinds/optimizer.js';
import type { Sampler } from '../kinds/sampler.js';
import type { Schedule } from '../kinds/schedule.js';
import type { Stage } from '../kinds/stage.js';
import type { Wrapper } from '../kinds/wrapper.js';
import type { Calibration } from '../evaluate/calibration.js';
import { placedCalibrations, type PlacedOperand } from '../pipeline/calibrations.js';
import type { LoadedCell } from '../pipeline/load.js';
import type { Path } from '../pipeline/locate.js';
import type { Pipeline, QuantizationSettings } from '../pipeline/pipeline.js';
import { parsePrecision, type Precision } from '../quantization/precision.js';
import type { Networks } from '../train/model.js';
import type { OperandQuantization } from '../train/site-hooks.js';
import { evaluationData, trainingData } from './chosen-splits.js';
import { tokenOf, type PlannedPlugin } from './plan.js';
import { service, type Service } from './scope.js';
import { token, type AnyToken } from './token.js';

/** All parts of a run. */
export interface Composition extends Networks {
  /** `train` is the split that training chose. */
  readonly dataset: Dataset;
  /** `train` and `test` are the splits that evaluation chose. */
  readonly evaluated: Dataset;
  /** The augmentations of all views. */
  readonly augmentations: readonly Augmentation[];
  /** Augmentations of some views, if the pipeline has groups of views. */
  readonly viewAugmentations?: readonly (readonly Augmentation[])[] | undefined;
  readonly wrapper: Wrapper;
  readonly sampler: Sampler;
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  /** Chooses the bits of mixed precisions. */
  readonly assigner: Assigner;
  /** How evaluation quantizes: `evaluation.calibration`, then those by name. */
  readonly calibrations: readonly Calibration[];
  readonly stages: readonly ComposedStage[];
  /** The stages of the monitor. */
  readonly monitor: readonly ComposedStage[];
  readonly loggers: readonly Logger[];
}

export interface ComposedStage {
  readonly name: string;
  readonly stage: Stage;
}

/** The networks of a run and how they are quantized: what a model is assembled from, without data and optimizer. */
export const NETWORKS = token<Networks>('networks');
export const COMPOSITION = token<Composition>('composition');

/** The services that combine the plugins of a run. */
export function compositionServices(
  cell: Pick<LoadedCell, 'pipeline' | 'location'>,
  planned: readonly PlannedPlugin[],
): readonly Service[] {
  const { pipeline } = cell;
  const ofNetworks = planned.filter(({ kind }) => ['backbone', 'method', 'quantizer', 'observer'].includes(kind));
  return [
    gathering(NETWORKS, [], ofNetworks, (at) => networksOf(pipeline, at)),
    // All plugins, including those of third-party kinds: every plugin that a pipeline names is made or fails with a reason.
    gathering(COMPOSITION, [NETWORKS], planned, (at, [networks]) => ({
      ...(networks as Networks),
      ...restOf(pipeline, at),
      dataset: trainingData(cell, at('data', 'data')),
      evaluated: evaluationData(cell, at('data', 'data')),
    })),
  ];
}

/** The plugin at a place of the pipeline. */
type At = <K extends Kind>(kind: K, ...path: Path) => PluginKinds[K];

function gathering<T>(
  to: AnyToken,
  first: readonly AnyToken[],
  planned: readonly PlannedPlugin[],
  make: (at: At, first: readonly unknown[]) => T,
): Service {
  const tokens = planned.map(({ path }) => tokenOf(path) as AnyToken);
  return service<T, readonly AnyToken[]>(to, [...first, ...tokens], (...made: unknown[]) => {
    const byToken = new Map<symbol, unknown>(tokens.map((key, index) => [key, made[first.length + index]]));
    // Each plugin is bound to the token of its place.
    const at: At = (_kind, ...path) => byToken.get(tokenOf(path)) as never;
    return Object.freeze(make(at, made.slice(0, first.length)));
  });
}

function networksOf({ quantization }: Pipeline, at: At): Networks {
  const operand = (name: 'weights' | 'activations', { bits }: QuantizationSettings): Networks['weights'] => ({
    quantizer: at('quantizer', 'quantization', name, 'quantizer'),
    observer: at('observer', 'quantization', name, 'observer'),
    bits,
  });
  return {
    backbone: at('backbone', 'backbone'),
    method: at('method', 'method'),
    weights: operand('weights', quantization.weights),
    activations: operand('activations', quantization.activations),
    pins: readPins(quantization.pins),
  };
}

function restOf(pipeline: Pipeline, at: At): Omit<Composition, keyof Networks | 'dataset' | 'evaluated'> {
  const { augment, views, stages, monitor, loggers } = pipeline;
  const stagesAt = (references: Pipeline['stages'], ...path: Path): ComposedStage[] =>
    references.map(({ use }, index) => ({ name: use, stage: at('stage', ...path, index) }));
  const quantizationAt = ({ quantizer, observer }: PlacedOperand): OperandQuantization => ({
    quantizer: at('quantizer', ...quantizer),
    observer: at('observer', ...observer),
  });
  return {
    augmentations: augment.map((_, index) => at('augmentation', 'augment', index)),
    viewAugmentations: views?.map((group, view) =>
      group.augment.map((_, index) => at('augmentation', 'views', view, 'augment', index)),
    ),
    wrapper: at('wrapper', 'quantization', 'wrap'),
    sampler: at('sampler', 'quantization', 'sampler'),
    optimizer: at('optimizer', 'optimizer'),
    schedule: at('schedule', 'schedule'),
    assigner: at('assigner', 'evaluation', 'assigner'),
    calibrations: placedCalibrations(pipeline).map(({ weights, activations, ...calibration }) => ({
      ...calibration,
      weights: quantizationAt(weights),
      activations: quantizationAt(activations),
    })),
    stages: stagesAt(stages, 'stages'),
    monitor: stagesAt(monitor?.stages ?? [], 'monitor', 'stages'),
    loggers: loggers.map((_, index) => at('logger', 'loggers', index)),
  };
}

function readPins(pins: Pipeline['quantization']['pins']): Networks['pins'] {
  // The pipeline's schema allows only precisions as text.
  const read = Object.entries(pins).map(([pattern, pin]) => [
    pattern,
    typeof pin === 'string' ? (parsePrecision(pin) ?? {}) : pin,
  ]);
  return Object.freeze(Object.fromEntries(read) as { [pattern: string]: Partial<Precision> });
}
