import { readProgress } from '../artifact/progress.js';
import { readSavedStep } from '../artifact/run-files.js';
import { stagePhase } from '../artifact/run-folder.js';
import type { Scope } from '../container/scope.js';
import type { PipelineStage, RunStage } from '../kinds/stage.js';
import type { RunRecord } from '../kinds/run-record.js';
import { pretrain, type Training } from '../train/pretrain.js';
import { openMonitor } from './monitor.js';
import { RUN, type PreparedRun } from './prepared-run.js';
import type { RunOptions } from './run-options.js';
import { FEATURES, LOGS, RUN_FOLDER, TRAINED_STATE } from './session.js';
import { atStage, progressOf, runStageContext, type PhaseName } from './stage-context.js';
import { timed } from './timed.js';

/** A part of a run that is executed once, until something that it depends on changes. */
export interface Phase {
  readonly name: string;
  /** Fingerprint of everything that it depends on. */
  readonly fingerprint: string;
  /** `finished`: an earlier session executed it with this fingerprint. */
  readonly state: 'finished' | 'to run';
  /** Of pretraining: the steps in the checkpoint, and all steps. */
  readonly steps?: { readonly done: number; readonly total: number };
  /** Executes it in the scope of a session. */
  run(session: Scope): Promise<void>;
}

type PhaseOptions = Pick<RunOptions, 'signal' | 'onProgress'>;

/**
 * The phases of a run in order: what `--dry-run` prints is what `ssql run` executes.
 * @param path the run's folder
 */
export async function planPhases(
  run: PreparedRun,
  path: string,
  options: PhaseOptions & Pick<RunOptions, 'fresh'>,
  phase: PhaseName,
): Promise<readonly Phase[]> {
  const { identity, cell, composition } = run;
  const finished = options.fresh ? {} : (await readProgress(path)).phases;
  const trained = finished[PRETRAIN] !== undefined;
  const { epochs, batch } = cell.pipeline.train;
  const total = epochs * Math.floor(composition.dataset.train.size / batch);
  const done = trained ? total : options.fresh ? 0 : await readSavedStep(path);
  const names = stageNames(run);
  const stages = composition.stages.flatMap(({ stage }, index): Phase[] => {
    if (stage.scope !== 'run') return [];
    const name = names[index]!;
    const fingerprint = identity.stageFingerprint(index);
    const over = trained && finished[stagePhase(name)] === fingerprint;
    return [
      {
        name,
        fingerprint,
        state: over ? 'finished' : 'to run',
        run: (session) => runStage(session, { stage, name, index, fingerprint }, options, phase),
      },
    ];
  });
  return [
    {
      name: PRETRAIN,
      fingerprint: identity.trainingFingerprint,
      state: trained ? 'finished' : 'to run',
      steps: { done, total },
      run: (session) => train(session, options, phase),
    },
    ...stages,
  ];
}

/** The names of the stages of a run, numbered if a stage is used more than once. */
export function stageNames({ composition: { stages } }: PreparedRun): readonly string[] {
  return stages.map(({ name }, index) => {
    const before = stages.slice(0, index).filter((other) => other.name === name).length;
    return before === 0 ? name : `${name} ${before + 1}`;
  });
}

/** A stage that runs after all runs. */
export interface ClosingStage {
  readonly name: string;
  run(runs: readonly RunRecord[], publish: (title: string, file: string) => void): Promise<void>;
}

/**
 * The stages that run after all runs, in order; they are never skipped. They come from the last cell's pipeline.
 * @param folder the folder of the runs
 */
export function planClosingStages(last: PreparedRun, folder: string, options: PhaseOptions): readonly ClosingStage[] {
  const { cell, composition } = last;
  const names = stageNames(last);
  return composition.stages.flatMap(({ stage }, index) => {
    if (stage.scope !== 'pipeline') return [];
    const run: ClosingStage['run'] = (runs, publish) => {
      const progress = progressOf(options, (what) => what);
      const context = { seed: cell.pipeline.seed, signal: options.signal, progress, runs, folder, publish };
      return atStage(cell.location(['stages', index]), 'stages', () => (stage as PipelineStage).run(context));
    };
    return [{ name: names[index]!, run }];
  });
}

const PRETRAIN = 'pretrain';

async function train(session: Scope, options: PhaseOptions, phase: PhaseName): Promise<void> {
  const [run, folder, logs] = [await session.get(RUN), await session.get(RUN_FOLDER), await session.get(LOGS)];
  const { pipeline } = run.cell;
  const { signal, onProgress } = options;
  const onStep: Training['onStep'] = (done, total, metrics) =>
    onProgress({ phase: phase(PRETRAIN), done, total, ...(metrics && { metrics }) });
  await timed(folder, PRETRAIN, async (within) => {
    const monitor = openMonitor(run, options, { folder, logs, phase, timed: within });
    try {
      const { precision } = pipeline.engine;
      const settings = { ...pipeline.train, precision, seed: pipeline.seed };
      await pretrain({ ...run, ...settings, signal, logs, monitor, onStep }, folder);
    } finally {
      monitor.dispose();
    }
  });
  await folder.markFinished(PRETRAIN, run.identity.trainingFingerprint);
}

interface PlacedStage {
  readonly stage: RunStage;
  readonly name: string;
  readonly index: number;
  readonly fingerprint: string;
}

async function runStage(
  session: Scope,
  { stage, name, index, fingerprint }: PlacedStage,
  options: PhaseOptions,
  phase: PhaseName,
): Promise<void> {
  const [run, folder] = [await session.get(RUN), await session.get(RUN_FOLDER)];
  await folder.keepStages(stageNames(run).filter((other) => other !== name));
  const measured = {
    state: () => session.get(TRAINED_STATE),
    features: () => session.get(FEATURES),
    async record(evaluations: Parameters<typeof folder.recordEvaluations>[1]) {
      await folder.recordEvaluations(name, evaluations);
      await (await session.get(LOGS)).evaluations(evaluations);
    },
  };
  const context = runStageContext(run, measured, options, phase);
  const location = run.cell.location(['stages', index]);
  await timed(folder, name, () => atStage(location, 'stages', () => stage.run(context)));
  await folder.markFinished(stagePhase(name), fingerprint);
}
