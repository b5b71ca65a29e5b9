import { join } from 'node:path';
import { runInUse } from '../artifact/artifact-errors.js';
import { checkRunFolder, isInUse } from '../artifact/run-folder.js';
import { openProcess } from '../container/process-scope.js';
import { within } from '../container/scope.js';
import { openPipeline, type LoadOptions, type PipelineSource } from '../pipeline/load.js';
import { planClosingStages, type Phase } from './phases.js';
import { prepareRuns } from './prepare-runs.js';
import { noteTo } from './run-event.js';
import { completeOptions, type RunOptions } from './run-options.js';
import { plannedThreads } from './settle-threads.js';

/** What `runPipeline` would execute. */
export interface PlannedPipeline {
  readonly name: string;
  readonly runs: readonly PlannedRun[];
  /** The names of the stages that run after all runs. */
  readonly stages: readonly string[];
}

export interface PlannedRun {
  readonly label: string;
  /** The name of its folder. */
  readonly id: string;
  readonly folder: string;
  readonly engine: string;
  readonly phases: readonly Omit<Phase, 'run'>[];
}

/**
 * Performs all checks that `runPipeline` makes before the first step, and returns what it would execute. Writes nothing.
 * @throws PipelineErrors, also RUN_UNFINISHED, RUN_OUTDATED, RUN_IN_USE, NOT_WRITABLE
 */
export async function planPipeline(
  source: PipelineSource,
  chosen: Partial<Omit<RunOptions, 'signal' | 'clock'>> & LoadOptions = {},
): Promise<PlannedPipeline> {
  const options = completeOptions(chosen);
  const loaded = await openPipeline(source, chosen);
  return within(await openProcess(loaded, noteTo(options.onEvent)), async (process) => {
    const runs = await prepareRuns(process, loaded, options);
    const planned: PlannedRun[] = [];
    for (const run of runs) {
      const { path } = run;
      if (await isInUse(path)) throw runInUse(path);
      await checkRunFolder(path);
      const { name, version } = run.engine.info;
      planned.push({
        label: run.cell.label,
        id: run.identity.id,
        folder: path,
        engine: `${name} ${version}${await plannedThreads(run, options.fresh ? undefined : path)}`,
        phases: run.phases.map(({ run: _, ...rest }) => rest),
      });
    }
    const last = runs.at(-1);
    const closing = last ? await planClosingStages(last, join(options.folder, loaded.name), options) : [];
    return { name: loaded.name, runs: planned, stages: closing.map(({ name }) => name) };
  });
}
