import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { libraryMissing } from '../engine-errors.js';
import { releaseFor, type Release } from './release.js';

export type Environment = { readonly [variable: string]: string | undefined };

/** Where to look; what is left out comes from the process. */
export interface ProvisionContext {
  readonly environment?: Environment;
  readonly home?: string;
  readonly release?: Release | undefined;
}

export interface Library {
  readonly folder: string;
  readonly source: 'LIBTENSORFLOW_DIR' | 'cache';
  /** The shared libraries' paths, in the order in which they are to be loaded. */
  readonly files: readonly string[];
}

/**
 * The folder that holds libtensorflow: the one LIBTENSORFLOW_DIR names, else the installed one in the cache.
 * @throws ENGINE_LIBRARY_MISSING where LIBTENSORFLOW_DIR is set and the libraries are not in it
 */
export function findLibrary(
  environment: Environment = process.env,
  { home = homedir(), release = releaseFor() }: Omit<ProvisionContext, 'environment'> = {},
): Library | undefined {
  const named = environment['LIBTENSORFLOW_DIR'];
  if (named) return namedLibrary(resolve(named), release);
  if (!release) return undefined;
  const folder = installFolder(release, environment, home);
  return isWhole(folder, release) ? library(folder, 'cache', fileNames(release)) : undefined;
}

/** SSQL_CACHE_DIR, else ssql's folder in XDG_CACHE_HOME, else in the platform's place for caches. */
export function cacheFolder(environment: Environment = process.env, home: string = homedir()): string {
  const named = environment['SSQL_CACHE_DIR'];
  if (named) return resolve(named);
  const xdg = environment['XDG_CACHE_HOME'];
  if (xdg && isAbsolute(xdg)) return join(xdg, 'ssql');
  return process.platform === 'darwin' ? join(home, 'Library', 'Caches', 'ssql') : join(home, '.cache', 'ssql');
}

/** Where installed engines lie, one folder each. */
export function enginesFolder(environment: Environment = process.env, home: string = homedir()): string {
  return join(cacheFolder(environment, home), 'engines');
}

/** Where wheels lie while they are downloaded. */
export function downloadsFolder(environment: Environment = process.env, home: string = homedir()): string {
  return join(cacheFolder(environment, home), 'downloads');
}

/** Where a release is installed. */
export function installFolder(release: Release, environment?: Environment, home?: string): string {
  return join(enginesFolder(environment, home), `libtensorflow-${release.version}-${release.platform}`);
}

/** True where every library of the release is in the folder, in its full size. */
export function isWhole(folder: string, release: Release): boolean {
  return release.libraries.every(({ path, bytes }) => sizeOf(join(folder, basename(path))) === bytes);
}

function namedLibrary(folder: string, release: Release | undefined): Library {
  const names = fileNames(release);
  const missing = names.filter((name) => sizeOf(join(folder, name)) === undefined);
  if (missing.length === 0) return library(folder, 'LIBTENSORFLOW_DIR', names);
  throw libraryMissing(
    `LIBTENSORFLOW_DIR is ${folder}, which lacks ${missing.join(' and ')}`,
    'Set LIBTENSORFLOW_DIR to the folder that holds both files, or unset it to use the cache.',
  );
}

function library(folder: string, source: Library['source'], names: readonly string[]): Library {
  return Object.freeze({ folder, source, files: Object.freeze(names.map((name) => join(folder, name))) });
}

/** A platform without a release of ours can still have a libtensorflow of the user's own. */
function fileNames(release: Release | undefined): readonly string[] {
  if (release) return release.libraries.map(({ path }) => basename(path));
  const ending = process.platform === 'darwin' ? '2.dylib' : 'so.2';
  return [`libtensorflow_framework.${ending}`, `libtensorflow_cc.${ending}`];
}

function sizeOf(file: string): number | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  return found?.isFile() ? found.size : undefined;
}
