import { join } from 'node:path';
import type { RunRecord, StepMetrics } from '../artifact/run-record.js';
import type { Engine } from '../engine/engine.js';
import { openEngine } from '../engine/open-engine.js';
import type { LoadedPipeline } from '../pipeline/load.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { prepareRun } from './prepared-run.js';
import { runCell } from './run-cell.js';
import { runPipelineStages } from './run-stages.js';

export interface RunOptions {
  /** Holds a folder for each pipeline, which holds one for each of its runs. */
  readonly folder: string;
  /** Goes on with runs that were stopped. */
  readonly resume: boolean;
  /** Starts anew, and removes what was there. */
  readonly fresh: boolean;
  /** Of ssql, for the manifest. */
  readonly version: string;
  readonly signal: AbortSignal;
  /** How far the work is. */
  readonly onProgress: (progress: RunProgress) => void;
  /** A line that a person should read. */
  readonly onNote: (line: string) => void;
}

export interface RunProgress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly metrics?: StepMetrics;
}

export interface PipelineResult {
  /** The folder that holds the runs, and what stages wrote about all of them. */
  readonly folder: string;
  readonly runs: readonly RunRecord[];
}

/**
 * Runs a pipeline: for each cell of its matrix pretraining, then its stages; at the end the stages that look at all runs. A phase that
 * was finished, and of which nothing that it depends on changed, is not run again.
 * @throws SsqlError of what fails; before the first step where it can be known then. What was saved stays.
 */
export async function runPipeline(loaded: LoadedPipeline, options: RunOptions): Promise<PipelineResult> {
  const folder = join(options.folder, loaded.name);
  const engines = oneEngine(options.onNote);
  try {
    for (const cell of loaded.cells) await prepareRun(await engines.open(cell.pipeline), loaded, cell);
    const runs: RunRecord[] = [];
    for (const [index, cell] of loaded.cells.entries()) {
      const engine = await engines.open(cell.pipeline);
      const label = loaded.cells.length > 1 ? `${index + 1}/${loaded.cells.length} ${cell.label}` : '';
      runs.push(await runCell(await prepareRun(engine, loaded, cell), options, folder, label));
    }
    const [first] = loaded.cells;
    if (first)
      await runPipelineStages(
        runs,
        await prepareRun(await engines.open(first.pipeline), loaded, first),
        options,
        folder,
      );
    return { folder, runs };
  } finally {
    engines.close();
  }
}

/** The one engine of the process, opened anew where a matrix asks for another. */
function oneEngine(note: (line: string) => void): {
  open(pipeline: Pipeline): Promise<Engine>;
  close(): void;
} {
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
