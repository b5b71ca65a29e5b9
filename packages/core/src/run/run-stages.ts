import { stagePhase, type RunFolder } from '../artifact/run-folder.js';
import type { RunRecord } from '../kinds/run-record.js';
import type { Tensors } from '../engine/engine.js';
import { stageInvalid } from '../train/train-errors.js';
import { mixedPrecision } from '../evaluate/assign-bits.js';
import { evaluationFeatures, type EvaluationFeatures } from '../evaluate/evaluation-features.js';
import type { PreparedRun } from './prepared-run.js';
import type { RunLogs } from './run-logs.js';
import type { RunOptions } from './run-options.js';
import type { Stage } from '../kinds/stage.js';
import { stageSurroundings } from './stage-surroundings.js';
import { timed } from './timed.js';
import { restoreState } from '../train/training-state.js';
import { viewOutputs } from '../evaluate/network-outputs.js';

export interface NamedStage {
  readonly stage: Stage;
  /** Its name, numbered where a pipeline uses it more than once. */
  readonly name: string;
  /** Fingerprint of all that it depends on. */
  readonly from: string;
}

/** The stages of a run that are not finished, or were finished from something else. */
export function pendingStages(
  prepared: PreparedRun,
  finished: { readonly [phase: string]: string },
): readonly NamedStage[] {
  return namedStages(prepared).filter(
    ({ stage, name, from }) => stage.scope === 'run' && finished[stagePhase(name)] !== from,
  );
}

/** All stages of a run, also those that look at all runs. */
export function namedStages(prepared: PreparedRun): readonly NamedStage[] {
  const names = stageNames(prepared);
  return prepared.composition.stages.map(({ stage }, index) => ({
    stage,
    name: names[index]!,
    from: prepared.identity.stageFingerprint(index),
  }));
}

/** Runs the stages of a cell that are not finished. The trained weights are read back only if there is one. */
export async function runStages(
  prepared: PreparedRun,
  options: RunOptions,
  folder: RunFolder,
  logs: RunLogs,
  phase: (what: string) => string,
): Promise<void> {
  const { engine, cell, composition } = prepared;
  const surroundings = stageSurroundings(prepared, options, phase);
  let opened: Promise<{ readonly state: Tensors; readonly features: EvaluationFeatures }> | undefined;
  const open = async () => {
    const checkpoint = await folder.loadCheckpoint();
    const state = restoreState(engine, prepared.model, composition.optimizer, checkpoint?.tensors ?? []);
    const { calibration } = cell.pipeline.evaluation;
    const mixed = mixedPrecision(prepared, (precision, assignment) => folder.recordAssignment(precision, assignment));
    return { state, features: evaluationFeatures({ ...prepared, ...surroundings, state, calibration, mixed }) };
  };
  const names = stageNames(prepared);
  try {
    for (const { stage, name, from } of pendingStages(prepared, await folder.finishedPhases())) {
      await folder.keepStages(names.filter((other) => other !== name));
      await timed(folder, name, () =>
        stage.run({
          ...surroundings,
          features: async (precision) => (await (opened ??= open())).features.at(precision),
          viewOutputs: async (precision) => viewOutputs(prepared, (await (opened ??= open())).state, precision),
          async record(evaluations) {
            await folder.recordEvaluations(name, evaluations);
            await logs.evaluations(evaluations);
          },
          runs: [],
          folder: folder.folder,
        }),
      );
      await folder.markFinished(stagePhase(name), from);
    }
    await folder.keepStages(names);
  } finally {
    // An opening that failed has thrown where it was waited for.
    const { state, features } = (await opened?.catch(() => undefined)) ?? {};
    features?.dispose();
    engine.tf.dispose(state ?? {});
  }
}

/** Runs the stages that look at all runs. */
export async function runPipelineStages(
  runs: readonly RunRecord[],
  prepared: PreparedRun,
  options: RunOptions,
  folder: string,
): Promise<void> {
  for (const { name, stage } of prepared.composition.stages) {
    if (stage.scope !== 'pipeline') continue;
    const refuse = (): never => {
      throw stageInvalid(name);
    };
    await stage.run({
      ...stageSurroundings(prepared, options, (what) => what),
      features: async () => refuse(),
      viewOutputs: async () => refuse(),
      record: async () => refuse(),
      runs,
      folder,
    });
  }
}

/** The names of all stages, numbered where a pipeline uses one more than once. */
function stageNames({ composition: { stages } }: PreparedRun): string[] {
  return stages.map(({ name }, index) => {
    const before = stages.slice(0, index).filter((other) => other.name === name).length;
    return before === 0 ? name : `${name} ${before + 1}`;
  });
}
