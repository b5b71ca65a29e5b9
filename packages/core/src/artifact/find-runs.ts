import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { runAmbiguous, runCorrupt, runNotFound, runsMissing } from './artifact-errors.js';
import { isCode } from '../make-folder.js';
import { RUN_FILES } from './run-files.js';

/** `<pipeline>/<id>` below a folder of runs. */
const DEPTH = 2;

/**
 * The folders of all runs in the folder of runs, of one pipeline, or of a single run, sorted by name.
 * @throws SsqlError RUNS_MISSING
 */
export async function findRuns(folder: string): Promise<readonly string[]> {
  if (!(await isFolder(folder))) throw runsMissing(folder);
  return search(folder, DEPTH);
}

/**
 * The folder of a run, which is given as a folder, or, for a run in `runs`, as id, `<pipeline>/<id>` or the last eight characters of the id.
 * @throws SsqlError RUN_NOT_FOUND, RUN_AMBIGUOUS
 */
export async function resolveRun(wanted: string, runs: string): Promise<string> {
  if (isRun(wanted)) return wanted;
  const all = existsSync(runs) ? await findRuns(runs) : [];
  const named = (folder: string): boolean =>
    basename(folder) === wanted || nameOf(folder) === wanted || basename(folder).endsWith(`-${wanted}`);
  const matches = all.filter(named);
  if (matches[0] === undefined) throw runNotFound(wanted, all.map(nameOf));
  if (matches.length > 1) throw runAmbiguous(wanted, matches.map(nameOf));
  return matches[0];
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

function nameOf(folder: string): string {
  return `${basename(dirname(folder))}/${basename(folder)}`;
}

async function search(folder: string, depth: number): Promise<string[]> {
  if (isRun(folder)) return [folder];
  if (depth === 0) return [];
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return []; // removed meanwhile
    throw runCorrupt(`${folder} cannot be read`, error);
  });
  const below = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  return (await Promise.all(below.toSorted().map((subfolder) => search(subfolder, depth - 1)))).flat();
}

/**
 * Whether a folder is a run, also one that lost one of these files. A pipeline.yaml alone is not a run: an experiment may have one
 * anywhere.
 */
function isRun(folder: string): boolean {
  const { pipeline, manifest, finished } = RUN_FILES;
  return [pipeline, manifest, finished].filter((name) => existsSync(join(folder, name))).length > 1;
}
