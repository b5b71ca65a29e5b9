import { join } from 'node:path';
import { admitRun, claimRuns, openRunFolder } from '../artifact/run-folder.js';
import type { RunRecord } from '../artifact/run-record.js';
import type { Engine } from '../engine/engine.js';
import { openEngine } from '../engine/open-engine.js';
import { PipelineErrors, SsqlError } from '../errors.js';
import type { LoadedPipeline } from '../pipeline/load.js';
import type { Pipeline } from '../pipeline/pipeline.js';
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
    const paths = await checkAll(loaded, options, folder, engines);
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

/**
 * Prepares every cell and says everything that is wrong with any of them, before the first one is trained.
 * @returns the folders of the runs
 */
async function checkAll(
  loaded: LoadedPipeline,
  options: RunOptions,
  folder: string,
  engines: OneEngine,
): Promise<string[]> {
  const paths: string[] = [];
  const found = new Map<string, SsqlError>();
  for (const cell of loaded.cells) {
    try {
      const { identity } = await prepareRun(await engines.open(cell.pipeline), loaded, cell, options.version);
      const path = join(folder, identity.id);
      await admitRun(path, options, identity.trainedFrom);
      paths.push(path);
    } catch (error) {
      if (!(error instanceof SsqlError)) throw error;
      const { code, message, details } = error;
      found.set(JSON.stringify([code, message, details.place?.line, details.place?.column]), error);
    }
  }
  if (found.size > 0) throw new PipelineErrors([...found.values()]);
  return paths;
}

interface OneEngine {
  open(pipeline: Pipeline): Promise<Engine>;
  close(): void;
}

/** The one engine of the process, opened anew where a matrix asks for another. */
function oneEngine(note: (line: string) => void): OneEngine {
  let current: { readonly settings: string; readonly engine: Engine } | undefined;
  const close = (): void => {
    current?.engine.close();
    current = undefined;
  };
  return {
    async open({ engine: wanted }) {
      const settings = JSON.stringify(wanted);
      if (current?.settings === settings) return current.engine;
      close();
      current = { settings, engine: await openEngine(wanted, note) };
      return current.engine;
    },
    close,
  };
}
