import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { runAmbiguous, runCorrupt, runNotFound, runsMissing } from './artifact-errors.js';
import { isCode, isFolder } from '../make-folder.js';
import { readManifest, RUN_FILES } from './run-files.js';

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
 * The folder of a run, which is given as a folder, or, for a run in `runs`, as id, label, `<pipeline>/<id>`, `<pipeline>/<label>`, the last
 * eight characters of the id, or the name of a pipeline of one run.
 * @throws SsqlError RUN_NOT_FOUND, RUN_AMBIGUOUS
 */
export async function resolveRun(wanted: string, runs: string): Promise<string> {
  if (isRun(wanted)) return wanted;
  const all = existsSync(runs) ? await findRuns(runs) : [];
  const names = await Promise.all(all.map(namesOf));
  const matches = all.filter(
    (folder, index) => names[index]!.includes(wanted) || basename(folder).endsWith(`-${wanted}`),
  );
  if (matches[0] === undefined) throw runNotFound(wanted, all.map(nameOf));
  if (matches.length > 1) throw runAmbiguous(wanted, matches.map(nameOf));
  return matches[0];
}

/** The names of a run. One without a matrix has no label of its own; it goes by the group of its results too. */
async function namesOf(folder: string): Promise<readonly string[]> {
  const pipeline = basename(dirname(folder));
  const manifest = await readManifest(folder).catch(() => ({}) as Awaited<ReturnType<typeof readManifest>>); // damaged
  const label = manifest['label'] === '' ? manifest['group'] : manifest['label'];
  const names = [basename(folder), ...(typeof label === 'string' ? [label] : [])];
  return [pipeline, ...names, ...names.map((name) => `${pipeline}/${name}`)];
}

/**
 * The folders of the runs that are asked for, each once: those in a folder, those of a pipeline in `runs`, or a run that `resolveRun` finds.
 * @throws SsqlError RUN_NOT_FOUND, RUN_AMBIGUOUS
 */
export async function findWanted(wanted: readonly string[], runs: string): Promise<readonly string[]> {
  const folders = await Promise.all(
    wanted.map(async (text) => {
      for (const folder of [text, join(runs, text)]) {
        if (!(await isFolder(folder))) continue;
        const inside = await findRuns(folder);
        if (inside.length === 0) throw runNotFound(text);
        return inside;
      }
      return [await resolveRun(text, runs)];
    }),
  );
  return [...new Map(folders.flat().map((folder) => [resolve(folder), folder])).values()];
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
