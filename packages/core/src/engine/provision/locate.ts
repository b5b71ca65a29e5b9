import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { libraryMissing } from '../engine-errors.js';
import { isCode } from '../../make-folder.js';
import { librariesOf, releaseFor, type Build, type LibraryFile, type Release } from './release.js';

export type Environment = { readonly [variable: string]: string | undefined };

/** Where the cache is; defaults come from the process. */
export interface CacheContext {
  readonly environment?: Environment;
  readonly home?: string;
}

export interface Library {
  readonly folder: string;
  readonly source: 'LIBTENSORFLOW_DIR' | 'cache';
  readonly build: Build;
  /** Paths of the shared libraries in load order; libtensorflow_cc is the last. */
  readonly files: readonly string[];
}

/**
 * Finds libtensorflow: in the folder that LIBTENSORFLOW_DIR names, otherwise the first installed release in the cache.
 * @throws ENGINE_LIBRARY_MISSING if LIBTENSORFLOW_DIR is set and its folder lacks the libraries
 */
export function findLibrary(
  environment: Environment = process.env,
  { home = homedir(), releases = preferredReleases() }: { home?: string; releases?: readonly Release[] } = {},
): Library | undefined {
  const folder = environment['LIBTENSORFLOW_DIR'];
  if (folder) return libraryIn(resolve(folder), releases);
  const release = releases.find((candidate) => isInstalled(candidate, environment, home));
  return (
    release &&
    library(installFolder(release, environment, home), 'cache', release.build, fileNames(librariesOf(release)))
  );
}

/** The releases for this machine. The GPU build is preferred if there is an NVIDIA driver, otherwise the CPU build. */
export function preferredReleases(hasDriver: boolean = hasNvidiaDriver(), platform?: string): readonly Release[] {
  const builds: readonly Build[] = hasDriver ? ['gpu', 'cpu'] : ['cpu', 'gpu'];
  return builds.flatMap((build) => releaseFor(build, platform) ?? []);
}

/** True if an NVIDIA driver is loaded, or if Windows shares its GPU with this Linux (WSL). */
function hasNvidiaDriver(): boolean {
  return ['/proc/driver/nvidia/version', '/dev/dxg'].some((file) => existsSync(file));
}

/** SSQL_CACHE_DIR, otherwise the folder `ssql` in XDG_CACHE_HOME or in the platform's folder for caches. */
export function cacheFolder(environment: Environment = process.env, home: string = homedir()): string {
  const folder = environment['SSQL_CACHE_DIR'];
  if (folder) return resolve(folder);
  const xdg = environment['XDG_CACHE_HOME'];
  if (xdg && isAbsolute(xdg)) return join(xdg, 'ssql');
  return process.platform === 'darwin' ? join(home, 'Library', 'Caches', 'ssql') : join(home, '.cache', 'ssql');
}

/** The folder of the installed releases, which have one folder each. */
export function enginesFolder(environment: Environment = process.env, home: string = homedir()): string {
  return join(cacheFolder(environment, home), 'engines');
}

/** The folder of wheels that are being downloaded. */
export function downloadsFolder(environment: Environment = process.env, home: string = homedir()): string {
  return join(cacheFolder(environment, home), 'downloads');
}

/** The folder of an installed release. */
export function installFolder({ build, platform, version }: Release, environment?: Environment, home?: string): string {
  const name = `libtensorflow-${version}-${platform}${build === 'gpu' ? '-gpu' : ''}`;
  return join(enginesFolder(environment, home), name);
}

/** True if the folder contains all the libraries in their full size. */
export function isWhole(folder: string, libraries: readonly LibraryFile[]): boolean {
  return libraries.every(({ path, bytes }) => sizeOf(join(folder, basename(path))) === bytes);
}

/** The size of a file; undefined if there is none at the path. */
export function sizeOf(file: string): number | undefined {
  try {
    const status = statSync(file);
    return status.isFile() ? status.size : undefined;
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG')) return undefined;
    throw error;
  }
}

function isInstalled(release: Release, environment: Environment, home: string): boolean {
  return isWhole(installFolder(release, environment, home), librariesOf(release));
}

/** The first build whose files are all in the folder. Their sizes do not matter: the user may have another version. */
function libraryIn(folder: string, releases: readonly Release[]): Library {
  if (sizeOf(folder) !== undefined)
    throw libraryMissing(
      `LIBTENSORFLOW_DIR is ${folder}, which is a file.`,
      `Set LIBTENSORFLOW_DIR to its folder, ${dirname(folder)}, or unset it to use the cache.`,
    );
  const builds = releases.map((release) => ({ build: release.build, names: fileNames(librariesOf(release)) }));
  // Users can have a libtensorflow for a platform without a release.
  if (builds.length === 0) builds.push({ build: 'cpu', names: platformNames() });
  const lacking = builds.map(({ names }) => names.filter((name) => sizeOf(join(folder, name)) === undefined));
  const complete = builds[lacking.findIndex((names) => names.length === 0)];
  if (complete) return library(folder, 'LIBTENSORFLOW_DIR', complete.build, complete.names);
  const fewest = lacking.reduce((least, names) => (names.length < least.length ? names : least));
  throw libraryMissing(
    `LIBTENSORFLOW_DIR is ${folder}, which lacks ${fewest.join(' and ')}.`,
    'Set LIBTENSORFLOW_DIR to the folder that contains these files, or unset it to use the cache.',
  );
}

function library(folder: string, source: Library['source'], build: Build, names: readonly string[]): Library {
  return Object.freeze({ folder, source, build, files: Object.freeze(names.map((name) => join(folder, name))) });
}

function fileNames(libraries: readonly LibraryFile[]): readonly string[] {
  return libraries.map(({ path }) => basename(path));
}

function platformNames(): readonly string[] {
  const ending = process.platform === 'darwin' ? '2.dylib' : 'so.2';
  return [`libtensorflow_framework.${ending}`, `libtensorflow_cc.${ending}`];
}
