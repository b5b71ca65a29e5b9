import { join } from 'node:path';
import type { Side } from './in-turn.js';
import type { Job } from './recipe.js';

/** Our training, to be measured in turn. */
export function oursSide({
  network,
  method,
  wrapper,
  precision,
  data,
  large,
  equalViews,
  batch,
  steps,
  stepsInTurn,
  threads,
}: Job): Side {
  const job = { network, method, wrapper, precision, data, large, equalViews, batch, steps, stepsInTurn, threads };
  const script = join(import.meta.dirname, 'ours', 'run-steps.ts');
  return { command: process.execPath, arguments: ['--import', 'tsx', script, JSON.stringify(job)] };
}
