import type { RunFolder } from '../artifact/run-folder.js';
import type { RunRecord } from '../artifact/run-record.js';
import { SsqlError } from '../errors.js';
import { evaluationFeatures, type EvaluationFeatures } from './evaluation-features.js';
import { fingerprint } from './fingerprint.js';
import type { PreparedRun } from './prepared-run.js';
import type { RunOptions } from './run-pipeline.js';
import type { Stage, StageContext } from './stage.js';
import { timed } from './timed.js';
import { restoreState } from './training-state.js';

/** The run that stages follow. */
export interface StagedRun {
  readonly trainedFrom: string;
  readonly phase: (what: string) => string;
}

/** Runs the stages of a cell that are not finished. The trained weights are read back only if there is one. */
export async function runStages(
  prepared: PreparedRun,
  options: RunOptions,
  folder: RunFolder,
  { trainedFrom, phase }: StagedRun,
): Promise<void> {
  const { engine, cell, composition, model } = prepared;
  const { pipeline } = cell;
  let state: ReturnType<typeof restoreState> | undefined;
  let features: EvaluationFeatures | undefined;
  const evaluated = async (): Promise<EvaluationFeatures> => {
    const checkpoint = await folder.loadCheckpoint();
    state ??= restoreState(engine, model, composition.optimizer, checkpoint?.tensors ?? []);
    return (features ??= evaluationFeatures({
      ...prepared,
      dataset: composition.dataset,
      state,
      seed: pipeline.seed,
      calibration: pipeline.evaluation.calibration,
      signal: options.signal,
      progress: (message, done, total) => options.onProgress({ phase: phase(message), done, total }),
    }));
  };
  try {
    const finished = await folder.finishedPhases();
    for (const [index, { name, stage }] of composition.stages.entries()) {
      if (stage.scope !== 'run') continue;
      const id = `stage ${index} ${name}`;
      const madeFrom = fingerprint([trainedFrom, pipeline.evaluation, pipeline.stages[index]]);
      if (finished[id] === madeFrom) continue;
      const context: StageContext = {
        ...stageSurroundings(prepared, options, phase),
        features: async (precision) => (await evaluated()).at(precision),
        record: (evaluations) => folder.recordEvaluations(evaluations),
        runs: [],
        folder: folder.folder,
      };
      await timed(folder, phaseName(composition.stages, index), () => stage.run(context));
      await folder.markFinished(id, madeFrom);
    }
  } finally {
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
      throw new SsqlError(
        'STAGE_INVALID',
        `The stage ${name} looks at all runs: it has no features or records of one.`,
      );
    };
    await stage.run({
      ...stageSurroundings(prepared, options, (what) => what),
      features: async () => refuse(),
      record: async () => refuse(),
      runs,
      folder,
    });
  }
}

function stageSurroundings(
  { engine, cell, composition }: PreparedRun,
  { signal, onProgress }: RunOptions,
  phase: (what: string) => string,
): Pick<StageContext, 'engine' | 'dataset' | 'seed' | 'progress' | 'signal'> {
  return {
    engine,
    dataset: composition.dataset,
    seed: cell.pipeline.seed,
    progress: (message, done, total) => onProgress({ phase: phase(message), done, total }),
    signal,
  };
}

/** A stage's name, numbered where a pipeline uses it more than once. */
function phaseName(stages: readonly { readonly name: string; readonly stage: Stage }[], index: number): string {
  const name = stages[index]?.name ?? '';
  const before = stages.slice(0, index).filter((other) => other.name === name).length;
  return before === 0 ? name : `${name} ${before + 1}`;
}
