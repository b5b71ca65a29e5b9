import { join } from 'node:path';
import { claimRuns, openRunFolder } from '../artifact/run-folder.js';
import type { RunRecord } from '../kinds/run-record.js';
import type { LoadedPipeline } from '../pipeline/load.js';
import { checkRuns } from './check-runs.js';
import { oneEngine } from './one-engine.js';
import { prepareRun } from './prepared-run.js';
import { runCell } from './run-cell.js';
import type { RunOptions } from './run-options.js';
import { runPipelineStages } from './run-stages.js';

export interface PipelineResult {
  /** The folder that holds the runs, and what stages wrote about all of them. */
  readonly folder: string;
  readonly runs: readonly RunRecord[];
}

/**
 * Runs a pipeline: for each cell of its matrix pretraining, then its stages; at the end the stages that look at all runs. A phase that
 * was finished, and of which nothing that it depends on changed, is not run again.
 * @throws PipelineErrors of all that can be known to be wrong before the first step; SsqlError of what fails later. What was saved stays.
 */
export async function runPipeline(loaded: LoadedPipeline, options: RunOptions): Promise<PipelineResult> {
  const folder = join(options.folder, loaded.name);
  const engines = oneEngine(options.onNote);
  let release: (() => Promise<void>) | undefined;
  try {
    const paths = await checkRuns(loaded, options, folder, engines, (_prepared, path) => path);
    release = await claimRuns(paths);
    if (options.fresh) for (const path of paths) await openRunFolder(path, options);
    const runs: RunRecord[] = [];
    for (const [index, cell] of loaded.cells.entries()) {
      const prepared = await prepareRun(await engines.open(cell.pipeline), loaded, cell, options.version);
      const label = loaded.cells.length > 1 ? `${index + 1}/${loaded.cells.length} ${cell.label}` : '';
      runs.push(await runCell(prepared, { ...options, fresh: false }, folder, label));
      // The stages that look at all runs are those of the last cell's pipeline.
      if (index === loaded.cells.length - 1) await runPipelineStages(runs, prepared, options, folder);
    }
    return { folder, runs };
  } finally {
    engines.close();
    await release?.();
  }
}
