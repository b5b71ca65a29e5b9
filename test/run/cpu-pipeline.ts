import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadPipeline, type LoadedPipeline, type RunOptions } from '@ssql/core/run';
import { SMALL } from '../cli/small-run.js';

/** Loads small-pipeline.yaml from a folder with changes, on plain JavaScript. */
export function loadSmall(folder: string, change: object): Promise<LoadedPipeline> {
  const file = join(folder, 'pipeline.yaml');
  writeFileSync(file, stringify({ ...SMALL, engine: { use: 'cpu' }, loggers: [], ...change }));
  return loadPipeline(file);
}

export function runOptions(folder: string): Partial<RunOptions> {
  return {
    folder: join(folder, 'runs'),
    version: '0.1.0',
  };
}
