import { join } from 'node:path';
import { admitRun } from '../artifact/run-folder.js';
import { PipelineErrors, SsqlError } from '../errors.js';
import type { LoadedPipeline } from '../pipeline/load.js';
import type { OneEngine } from './one-engine.js';
import { prepareRun, type PreparedRun } from './prepared-run.js';
import type { RunOptions } from './run-options.js';

/**
 * Prepares every cell and says everything that is wrong with any of them, before the first one is trained. Writes nothing.
 * @param parent the folder of the pipeline's runs
 * @param read what is wanted of each run, and the folder that it belongs in
 * @throws PipelineErrors
 */
export async function checkRuns<T>(
  loaded: LoadedPipeline,
  options: Pick<RunOptions, 'resume' | 'fresh' | 'version'>,
  parent: string,
  engines: OneEngine,
  read: (prepared: PreparedRun, folder: string) => T | Promise<T>,
): Promise<T[]> {
  const checked: T[] = [];
  const found = new Map<string, SsqlError>();
  for (const cell of loaded.cells) {
    try {
      const prepared = await prepareRun(await engines.open(cell.pipeline), loaded, cell, options.version);
      const folder = join(parent, prepared.identity.id);
      await admitRun(folder, options, prepared.identity.trainingFingerprint);
      checked.push(await read(prepared, folder));
    } catch (error) {
      if (!(error instanceof SsqlError)) throw error;
      const { code, message, details } = error;
      found.set(JSON.stringify([code, message, details.location?.line, details.location?.column]), error);
    }
  }
  if (found.size > 0) throw new PipelineErrors([...found.values()]);
  return checked;
}
