import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isCode } from '../../make-folder.js';
import { engineLibraryBroken } from '../engine-errors.js';

const MARKER = 'loading.';
/** Milliseconds after which a process that loads has ended: its number may be another's by then. */
const LONGEST = 600_000;

/**
 * Loads shared libraries. The system ends a process that loads a damaged one, without an error. So a file beside the library says that a
 * process loads it; where one is left, that process died, and the libraries are loaded in a child before they are loaded here.
 * @param files in load order
 * @param diesOf the signal that ends a process that loads them
 * @throws SsqlError ENGINE_LIBRARY_BROKEN
 */
export function loadAfterCrash<T>(files: readonly string[], load: () => T, diesOf = signalInChild): T {
  const folder = dirname(files.at(-1)!);
  const left = markersIn(folder).filter(isLeft);
  if (left.length > 0) {
    const signal = diesOf(files);
    if (signal !== undefined)
      throw engineLibraryBroken(folder, `a process that loads it is ended by ${signal}. It may be damaged.`);
    for (const marker of left) rmSync(marker, { force: true });
  }
  const marker = join(folder, `${MARKER}${process.pid}`);
  try {
    writeFileSync(marker, '');
  } catch {
    return load(); // a folder of the system, such as LIBTENSORFLOW_DIR may name, is not ours to write
  }
  try {
    return load();
  } finally {
    rmSync(marker, { force: true });
  }
}

function markersIn(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter(
      (name) => name.startsWith(MARKER) && /^\d+$/.test(name.slice(MARKER.length)),
    );
    return names.map((name) => join(folder, name));
  } catch {
    return []; // the load says what is wrong with the folder
  }
}

function isLeft(marker: string): boolean {
  const age = Date.now() - (statSync(marker, { throwIfNoEntry: false })?.mtimeMs ?? Infinity);
  if (age > LONGEST) return true;
  try {
    process.kill(Number(marker.slice(marker.lastIndexOf('.') + 1)), 0);
    return false;
  } catch (error) {
    return isCode(error, 'ESRCH');
  }
}

const LOADED = 'loaded';

/** Once all are loaded, the child's end says nothing: libtensorflow may crash at its exit, because koffi unloads it first. */
function signalInChild(files: readonly string[]): NodeJS.Signals | undefined {
  const koffi = createRequire(import.meta.url).resolve('koffi');
  const script =
    'const [koffi, ...files] = process.argv.slice(1); for (const file of files) require(koffi).load(file); ' +
    `require('fs').writeSync(1, '${LOADED}')`;
  const { stdout, signal } = spawnSync(process.execPath, ['-e', script, koffi, ...files], {
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
  });
  return stdout.endsWith(LOADED) ? undefined : (signal ?? undefined);
}
