import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { runAmbiguous, runNotFound, runsMissing } from './artifact-errors.js';
import { RUN_FILES } from './run-files.js';

/** `<pipeline>/<id>` below a folder of runs. */
const DEPTH = 2;

/**
 * The folders of runs in a folder of runs, in that of one pipeline, or in one that is a run itself; in the order of their names.
 * @throws SsqlError RUNS_MISSING
 */
export async function findRuns(folder: string): Promise<readonly string[]> {
  if (!existsSync(folder)) throw runsMissing(folder);
  return search(folder, DEPTH);
}

/**
 * The folder of the run that is meant: a folder, or below `runs` an id, `<pipeline>/<id>` or the eight digits that an id ends with.
 * @throws SsqlError RUN_NOT_FOUND, RUN_AMBIGUOUS
 */
export async function resolveRun(wanted: string, runs: string): Promise<string> {
  if (isRun(wanted)) return wanted;
  const all = existsSync(runs) ? await findRuns(runs) : [];
  const named = (folder: string): boolean =>
    basename(folder) === wanted || nameOf(folder) === wanted || basename(folder).endsWith(`-${wanted}`);
  const found = all.filter(named);
  if (found[0] === undefined) throw runNotFound(wanted, all.map(nameOf));
  if (found.length > 1) throw runAmbiguous(wanted, found.map(nameOf));
  return found[0];
}

function nameOf(folder: string): string {
  return `${basename(dirname(folder))}/${basename(folder)}`;
}

async function search(folder: string, depth: number): Promise<string[]> {
  if (isRun(folder)) return [folder];
  if (depth === 0) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  const below = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  return (await Promise.all(below.toSorted().map((one) => search(one, depth - 1)))).flat();
}

/** A pipeline alone is not a run: an experiment may keep its pipeline.yaml anywhere. */
function isRun(folder: string): boolean {
  return existsSync(join(folder, RUN_FILES.pipeline)) && existsSync(join(folder, RUN_FILES.manifest));
}
