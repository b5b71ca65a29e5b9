import { openProcess } from '../container/process-scope.js';
import { runServices } from '../container/run-scope.js';
import type { Scope } from '../container/scope.js';
import type { LoadedCell, LoadedPipeline } from '../pipeline/load.js';
import { readVersion } from '../version.js';
import { preparedRunServices } from './prepared-run.js';
import { completeOptions } from './run-options.js';
import { sessionServices } from './session.js';

/** The scopes of a session on a run, outermost first, with nothing made in them: for listing their services. */
export async function openScopes(loaded: LoadedPipeline, cell: LoadedCell): Promise<readonly Scope[]> {
  const process = await openProcess(loaded);
  const services = [...runServices(loaded, cell), ...preparedRunServices(loaded, cell, readVersion())];
  const run = await process.open('run', services);
  const place = { number: 1, of: 1, label: cell.label, folder: '' };
  return [process, run, await run.open('session', sessionServices('', completeOptions({}), place))];
}
