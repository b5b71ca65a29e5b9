import { join } from 'node:path';
import { readProgress } from '../artifact/progress.js';
import { isInUse, stagePhase } from '../artifact/run-folder.js';
import { readSavedStep } from '../artifact/run-files.js';
import { runInUse } from '../artifact/artifact-errors.js';
import type { LoadedPipeline } from '../pipeline/load.js';
import { checkRuns } from './check-runs.js';
import { oneEngine } from './one-engine.js';
import type { PreparedRun } from './prepared-run.js';
import type { RunOptions } from './run-options.js';
import { namedStages } from './run-stages.js';

/** What `runPipeline` would do for one cell. */
export interface PlannedRun {
  readonly label: string;
  /** The name of its folder. */
  readonly id: string;
  readonly folder: string;
  readonly engine: string;
  readonly phases: readonly PlannedPhase[];
}

export interface PlannedPhase {
  readonly name: string;
  /** `finished`: it would not be run again. */
  readonly state: 'finished' | 'to run';
  /** Of pretraining: those that a checkpoint holds, and all. */
  readonly steps?: { readonly done: number; readonly total: number };
}

/**
 * Checks all that can be known before the first step of a pipeline, as `runPipeline` does, and says what that would do. Writes nothing.
 * @throws PipelineErrors, also RUN_UNFINISHED, RUN_OUTDATED, RUN_IN_USE
 */
export async function planPhases(
  loaded: LoadedPipeline,
  options: Pick<RunOptions, 'folder' | 'resume' | 'fresh' | 'version' | 'onNote'>,
): Promise<readonly PlannedRun[]> {
  const engines = oneEngine(options.onNote);
  try {
    return await checkRuns(loaded, options, join(options.folder, loaded.name), engines, async (prepared, folder) => {
      if (await isInUse(folder)) throw runInUse(folder);
      const { cell, identity, engine } = prepared;
      const phases = await phasesOf(prepared, folder, options.fresh, cell === loaded.cells.at(-1));
      const { name, version } = engine.info;
      return { label: cell.label, id: identity.id, folder, engine: `${name} ${version}`, phases };
    });
  } finally {
    engines.close();
  }
}

/** @param last whether the stages that look at all runs follow */
async function phasesOf(prepared: PreparedRun, folder: string, fresh: boolean, last: boolean): Promise<PlannedPhase[]> {
  const finished = fresh ? {} : (await readProgress(folder)).phases;
  const { epochs, batch } = prepared.cell.pipeline.train;
  const total = epochs * Math.floor(prepared.composition.dataset.train.size / batch);
  const trained = finished['pretrain'] !== undefined;
  const done = trained ? total : fresh ? 0 : await readSavedStep(folder);
  const own = namedStages(prepared).filter(({ stage }) => last || stage.scope === 'run');
  const stages = own.map(({ stage, name, from }): PlannedPhase => {
    const over = trained && stage.scope === 'run' && finished[stagePhase(name)] === from;
    return { name, state: over ? 'finished' : 'to run' };
  });
  return [{ name: 'pretrain', state: trained ? 'finished' : 'to run', steps: { done, total } }, ...stages];
}
