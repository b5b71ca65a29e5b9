import { basename } from 'node:path';
import { readCheckpoint } from './checkpoint-files.js';
import { readResults } from './results.js';
import { readManifest, readPipeline, readProgress, readTimings } from './run-files.js';
import { isInUse } from './run-folder.js';
import type { Evaluation } from '../kinds/run-record.js';
import { isRecord } from '../values.js';

/** A run and its progress, without weights and metrics. */
export interface RunSummary {
  readonly folder: string;
  readonly id: string;
  /** The pipeline's name. */
  readonly pipeline: string;
  readonly label: string;
  /** The run's values of the matrix, by path. */
  readonly cell: { readonly [path: string]: unknown };
  readonly seed?: number;
  readonly state: 'finished' | 'running' | 'unfinished';
  /** Completed epochs, and epochs in total. */
  readonly epochs: { readonly done: number; readonly total: number };
  /** The start of the run in ISO 8601. */
  readonly date?: string;
  /** Total duration of all phases. */
  readonly seconds: number;
  readonly evaluations: readonly Evaluation[];
}

/**
 * Summarizes the run in a folder.
 * @param onNote is told of files that do not hold the run's results
 * @throws SsqlError RUN_CORRUPT, CHECKPOINT_CORRUPT
 */
export async function summarizeRun(folder: string, onNote: (line: string) => void): Promise<RunSummary> {
  const { values: pipeline } = await readPipeline(folder);
  const manifest = await readManifest(folder);
  const timings = await readTimings(folder);
  const { run, phases } = await readProgress(folder);
  const total = pipeline.train.epochs;
  const { date, label, cell } = manifest;
  return {
    folder,
    id: basename(folder),
    pipeline: pipeline.name,
    label: typeof label === 'string' ? label : '',
    cell: isRecord(cell) ? cell : {},
    ...(typeof pipeline.seed === 'number' && { seed: pipeline.seed }),
    state: (await isInUse(folder)) ? 'running' : run ? 'finished' : 'unfinished',
    epochs: { done: phases['pretrain'] === undefined ? await epochsDone(folder) : total, total },
    ...(typeof date === 'string' ? { date } : {}),
    seconds: Object.values(timings).reduce((sum, duration) => sum + duration, 0),
    evaluations: (await readResults(folder, onNote)).evaluations,
  };
}

/** Completed epochs according to the checkpoint. */
async function epochsDone(folder: string): Promise<number> {
  return (await readCheckpoint(folder))?.epoch ?? 0;
}
