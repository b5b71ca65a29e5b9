import { setImmediate as nextTurn } from 'node:timers/promises';
import { pluginFile } from '../artifact/plugin-file.js';
import type { Tensors } from '../engine/engine.js';
import { SsqlError, withLocation, type Location } from '../errors.js';
import type { MixedPrecision } from '../evaluate/assign-bits.js';
import type { EvaluationFeatures } from '../evaluate/evaluation-features.js';
import { trainedEncoder } from '../evaluate/trained-encoder.js';
import { networkOutputs, outputNetworks, trainingViews } from '../evaluate/network-outputs.js';
import { wrongEvaluations } from '../kinds/checks/evaluation.js';
import type { Evaluation } from '../kinds/run-record.js';
import type { RunStage, RunStageContext } from '../kinds/stage.js';
import { blamed } from '../plugin/plugin-of.js';
import type { PreparedRun } from './prepared-run.js';
import { resultInvalid } from './run-errors.js';
import type { RunPlace } from './run-event.js';
import type { RunOptions } from './run-options.js';

/** The inputs of a stage of a run. */
export interface Measured {
  /** Read on demand: a stage that does not use it needs no weights. */
  readonly state: () => Promise<Tensors>;
  readonly features: () => Promise<Pick<EvaluationFeatures, 'at' | 'ofViews' | 'backbone'>>;
  /** The run's folder. */
  readonly folder: string;
  record(evaluations: readonly Evaluation[]): Promise<void>;
}

/** The context of a stage of a run, after pretraining or as part of the monitor. */
export function runStageContext(
  run: PreparedRun,
  { state, features, folder, record }: Measured,
  progress: RunStageContext['progress'],
  signal: AbortSignal,
): RunStageContext {
  const { engine, cell, composition, model, views } = run;
  const { seed, train } = cell.pipeline;
  return {
    engine,
    dataset: composition.evaluated,
    seed,
    signal,
    progress,
    features: async (precisions) => (await features()).at(precisions),
    viewFeatures: async (request) => (await features()).ofViews(request),
    encoder: async (network = {}) => trainedEncoder((await features()).backbone(network)),
    file: (name) => pluginFile(folder, name),
    networks: outputNetworks(model),
    trainingViews: (index = 0) =>
      trainingViews(
        { engine, views, dataset: composition.dataset },
        { seed, batch: train.batch, count: Math.max(2, views.count), index },
      ),
    outputs: async (request) => networkOutputs({ engine, model, state: await state(), progress }, request),
    async record(evaluations) {
      const wrong = wrongEvaluations(evaluations);
      if (wrong) throw resultInvalid(wrong.actual, wrong.expected);
      await record(evaluations);
    },
  };
}

/** Reports a stage's progress and yields to the event loop. */
export function progressOf(
  { signal, onEvent }: Pick<RunOptions, 'signal' | 'onEvent'>,
  place: { readonly run?: RunPlace; readonly phase: string },
): RunStageContext['progress'] {
  return async (message, done, total) => {
    onEvent({ type: 'progress', ...place, message, done, total });
    await nextTurn();
    signal.throwIfAborted();
  };
}

/** How bits are assigned to the sites of a run. */
export function mixedPrecisionOf(
  { cell, composition: { assigner, weights, activations } }: PreparedRun,
  assigned: MixedPrecision['assigned'],
): MixedPrecision {
  return {
    assigner,
    bits: { weights: weights.bits, activations: activations.bits },
    location: cell.location(['evaluation', 'assigner']),
    assigned,
  };
}

/** Runs a stage, and waits for all that it records, also where the stage does not. */
export async function measureWith(stage: RunStage, context: RunStageContext): Promise<void> {
  const pending: Promise<void>[] = [];
  const record: RunStageContext['record'] = (evaluations) => {
    const recorded = context.record(evaluations);
    recorded.catch(() => undefined); // the stage or the next lines wait for it
    pending.push(recorded);
    return recorded;
  };
  await stage.run({ ...context, record });
  try {
    await Promise.all(pending);
  } catch (error) {
    throw error instanceof SsqlError ? blamed(stage, error, 'failed in `run`') : error;
  }
}

/** Runs the work of a stage; its errors get the stage's location in the pipeline. */
export async function atStage<T>(location: Location, list: 'stages' | 'monitor', work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const hint = `The training is saved. Fix the stage, or remove it from \`${list}\`. Then continue with --resume.`;
    throw error instanceof SsqlError ? withLocation(error, location, hint) : error;
  }
}
