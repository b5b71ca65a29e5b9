import { readCheckpoint } from '../artifact/checkpoint-files.js';
import { pluginFile } from '../artifact/plugin-file.js';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { weightsMissing } from '../artifact/artifact-errors.js';
import { UNSTARTED } from '../artifact/progress.js';
import { readProgress, RUN_FILES } from '../artifact/run-files.js';
import { isStageFinished, stagePhase, type StageFingerprints } from '../artifact/stage-results.js';
import { evaluationData, trainingData } from '../container/chosen-splits.js';
import type { Scope } from '../container/scope.js';
import { tokenOf } from '../container/plan.js';
import type { RunStage, Stage } from '../kinds/stage.js';
import type { RunRecord } from '../kinds/run-record.js';
import { pretrain, type Training } from '../train/pretrain.js';
import { openMonitor } from './monitor.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import type { OpenRun } from './prepare-runs.js';
import { DATASET, RUN } from './prepared-run.js';
import type { RunPlace } from './run-event.js';
import type { RunOptions } from './run-options.js';
import { FEATURES, LOGS, RUN_FOLDER, TRAINED_STATE } from './session.js';
import { atStage, measureWith, progressOf, runStageContext } from './stage-context.js';
import { timed } from './timed.js';
import { isLeftOut } from './unlabelled-split.js';

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
  run(session: Scope, options: PhaseOptions): Promise<void>;
}

type PhaseOptions = Pick<RunOptions, 'signal' | 'onEvent'>;

/** The phases of a run in order: what `--dry-run` prints is what `ssql run` executes. A finished stage is not made. */
export async function planPhases(
  { scope, identity, cell, path, place }: OpenRun,
  { fresh }: Pick<RunOptions, 'fresh'>,
): Promise<readonly Phase[]> {
  const progress = fresh ? UNSTARTED : await readProgress(path);
  const trained = progress.phases[PRETRAIN] !== undefined;
  const { epochs, batch } = cell.pipeline.train;
  const total = epochs * Math.floor(trainingData(cell, await scope.get(DATASET)).train.size / batch);
  const weights = join(path, RUN_FILES.weights);
  // Pretraining from the last checkpoint writes the weights again.
  const complete = trained && existsSync(weights);
  const done = complete ? total : fresh ? 0 : ((await readCheckpoint(path))?.step ?? 0);
  if (trained && done < total) throw weightsMissing(weights);
  const stages: Phase[] = [];
  for (const [index, name] of stageNames(cell.pipeline).entries()) {
    const fingerprint = identity.stageFingerprint(index);
    // Only stages of single runs are recorded as finished.
    const over = trained && isStageFinished(progress, name, fingerprint);
    if (!over) {
      const stage = await stageAt(scope, index);
      if (stage.scope !== 'run') continue;
      if (isLeftOut(stage, evaluationData(cell, await scope.get(DATASET)), cell)) continue;
    }
    stages.push({
      name,
      fingerprint,
      state: over ? 'finished' : 'to run',
      run: (session, options) => runStage(session, { name, index, fingerprint }, options, place),
    });
  }
  return [
    {
      name: PRETRAIN,
      fingerprint: identity.trainingFingerprint,
      state: complete ? 'finished' : 'to run',
      steps: { done, total },
      run: (session, options) => train(session, options, place),
    },
    ...stages,
  ];
}

/** The names of the stages of a run, numbered if a stage is used more than once. */
function stageNames({ stages }: Pipeline): readonly string[] {
  return stages.map(({ use: name }, index) => {
    const before = stages.slice(0, index).filter(({ use }) => use === name).length;
    return before === 0 ? name : `${name} ${before + 1}`;
  });
}

/** The stages of a run with their fingerprints. */
export function stageFingerprints({ cell, identity }: Pick<OpenRun, 'cell' | 'identity'>): StageFingerprints {
  return Object.fromEntries(
    stageNames(cell.pipeline).map((name, index) => [name, identity.stageFingerprint(index)] as const),
  );
}

function stageAt(scope: Scope, index: number): Promise<Stage> {
  return scope.get(tokenOf<'stage'>(['stages', index]));
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
export async function planClosingStages(
  { scope, cell, identity, path }: OpenRun,
  folder: string,
  options: PhaseOptions,
): Promise<readonly ClosingStage[]> {
  const progress = await readProgress(path);
  const closing: ClosingStage[] = [];
  for (const [index, name] of stageNames(cell.pipeline).entries()) {
    if (isStageFinished(progress, name, identity.stageFingerprint(index))) continue; // a stage of a single run
    const stage = await stageAt(scope, index);
    if (stage.scope !== 'pipeline') continue;
    const run: ClosingStage['run'] = (runs, publish) => {
      const report = progressOf(options, { phase: name });
      const file = (name: string): string => pluginFile(folder, name);
      const context = { seed: cell.pipeline.seed, signal: options.signal, progress: report, runs, file, publish };
      return atStage(cell.location(['stages', index]), 'stages', () => stage.run(context));
    };
    closing.push({ name, run });
  }
  return closing;
}

const PRETRAIN = 'pretrain';

async function train(session: Scope, options: PhaseOptions, place: RunPlace): Promise<void> {
  const [run, folder, logs] = [await session.get(RUN), await session.get(RUN_FOLDER), await session.get(LOGS)];
  const { pipeline } = run.cell;
  const { signal, onEvent } = options;
  const { epochs } = pipeline.train;
  const onStep: Training['onStep'] = (done, total, metrics) =>
    onEvent({ type: 'step', run: place, done, total, epochs, ...(metrics && { metrics }) });
  await timed(folder, PRETRAIN, async (within) => {
    const monitor = openMonitor(run, options, { folder, logs, place, timed: within });
    try {
      const { precision } = pipeline.engine;
      const settings = { ...pipeline.train, precision, seed: pipeline.seed };
      const onUnusedBits = (): void => onEvent({ type: 'note', text: unusedBits(pipeline) });
      await pretrain({ ...run, ...settings, signal, logs, monitor, onStep, onUnusedBits }, folder);
    } finally {
      monitor.dispose();
    }
  });
  await folder.markFinished(PRETRAIN, run.identity.trainingFingerprint);
}

/** A note, because a matrix may have other cells in which the wrapper has an effect. */
function unusedBits({ method, quantization: { wrap } }: Pipeline): string {
  return (
    `Quantization does not change this training: with the method \`${method.use}\`, the loss of the wrapper \`${wrap.use}\` does not depend on ` +
    'the drawn bit widths. So the weights are trained as if nothing were quantized.'
  );
}

interface PlacedStage {
  readonly name: string;
  readonly index: number;
  readonly fingerprint: string;
}

async function runStage(
  session: Scope,
  { name, index, fingerprint }: PlacedStage,
  options: PhaseOptions,
  place: RunPlace,
): Promise<void> {
  const [run, folder] = [await session.get(RUN), await session.get(RUN_FOLDER)];
  const stage = (await stageAt(session, index)) as RunStage; // `planPhases` plans no other
  const { [name]: _, ...others } = stageFingerprints(run);
  await folder.arrangeStages(others);
  const measured = {
    state: () => session.get(TRAINED_STATE),
    features: () => session.get(FEATURES),
    folder: folder.folder,
    async record(evaluations: Parameters<typeof folder.recordEvaluations>[1]) {
      await folder.recordEvaluations(name, evaluations);
      await (await session.get(LOGS)).evaluations(evaluations);
    },
  };
  const progress = progressOf(options, { run: place, phase: name });
  const context = runStageContext(run, measured, progress, options.signal);
  const location = run.cell.location(['stages', index]);
  await progress('', 0, 1);
  await timed(folder, name, () => atStage(location, 'stages', () => measureWith(stage, context)));
  await folder.markFinished(stagePhase(name), fingerprint);
}
