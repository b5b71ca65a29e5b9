import { join } from 'node:path';
import { admitRun } from '../artifact/run-folder.js';
import { ENGINE, runServices } from '../container/run-scope.js';
import type { Scope } from '../container/scope.js';
import { PipelineErrors, SsqlError } from '../errors.js';
import type { LoadedPipeline } from '../pipeline/load.js';
import { preparedRunServices, RUN, type PreparedRun } from './prepared-run.js';
import type { RunOptions } from './run-options.js';
import type { PhaseName } from './stage-context.js';

/** A prepared run and its folder. */
export interface OpenRun {
  readonly scope: Scope;
  readonly run: PreparedRun;
  /** The path of its folder. */
  readonly path: string;
  readonly phase: PhaseName;
}

/**
 * Prepares every cell once and reports all their problems before the first one is trained. Writes nothing.
 * @param process the scope of `openProcess`
 * @returns runs whose scopes close with `process`
 * @throws PipelineErrors
 */
export async function prepareRuns(
  process: Scope,
  loaded: LoadedPipeline,
  options: Pick<RunOptions, 'folder' | 'resume' | 'fresh' | 'version'>,
): Promise<readonly OpenRun[]> {
  const opened: OpenRun[] = [];
  const problems = new Map<string, SsqlError>();
  const { cells } = loaded;
  for (const [index, cell] of cells.entries()) {
    try {
      const services = [...runServices(loaded, cell), ...preparedRunServices(loaded, cell, options.version)];
      const scope = await process.open('run', services);
      // Plugins may make tensors, so the engine is activated first.
      await (await scope.get(ENGINE)).activate();
      const run = await scope.get(RUN);
      const path = join(options.folder, loaded.name, run.identity.id);
      await admitRun(path, options, run.identity.trainingFingerprint);
      const label = cells.length > 1 ? `${index + 1}/${cells.length} ${cell.label}` : '';
      opened.push({ scope, run, path, phase: (what) => (label === '' ? what : `${label}: ${what}`) });
    } catch (error) {
      if (!(error instanceof SsqlError)) throw error;
      const { code, message, details } = error;
      problems.set(JSON.stringify([code, message, details.location?.line, details.location?.column]), error);
    }
  }
  if (problems.size === 0) return opened;
  throw new PipelineErrors([...problems.values()]);
}
