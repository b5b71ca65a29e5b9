import { mkdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { libraryMissing, libraryUnavailable } from '../engine-errors.js';
import type { SsqlError } from '../../errors.js';
import { verifyChecksum } from './checksum.js';
import { claimPart } from './claim-part.js';
import { fetchWheel } from './fetch-wheel.js';
import { downloadsFolder, findLibrary, installFolder, type Library, type ProvisionContext } from './locate.js';
import { releaseFor, RELEASES } from './release.js';
import { storageError } from './storage-error.js';
import { unpackLibraries } from './unpack.js';

/** How far a phase is, in bytes. The total is unknown where a server does not tell it. */
export interface InstallProgress {
  readonly phase: 'download' | 'verify' | 'unpack';
  readonly done: number;
  readonly total: number | undefined;
}

export interface InstallOptions extends ProvisionContext {
  /** The address of a package index to download from, before pip with its own settings is asked. */
  readonly index?: string | undefined;
  /** Stops the installation; what was downloaded from an index is kept, and the next one goes on from there. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: InstallProgress) => void;
  /** Says who downloads, and why pip or an index did not. */
  readonly onNote?: (line: string) => void;
}

/**
 * Installs libtensorflow into the cache and says where it is; at once where it is there already.
 * @throws ENGINE_UNAVAILABLE where there is none for this machine or it cannot be downloaded
 * @throws ENGINE_CHECKSUM, ENGINE_DISK_FULL, ENGINE_CACHE_READONLY, ENGINE_LIBRARY_MISSING, ENGINE_WHEEL_INVALID
 */
export async function installLibrary(options: InstallOptions = {}): Promise<Library> {
  const { environment = process.env, home = homedir(), release = releaseFor(), index, signal } = options;
  const installed = findLibrary(environment, { home, release });
  if (installed) return installed;
  if (!release) throw noRelease();
  const downloads = downloadsFolder(environment, home);
  const folder = installFolder(release, environment, home);
  const report = (phase: InstallProgress['phase']) => (done: number, total: number | undefined) =>
    options.onProgress?.({ phase, done, total });
  try {
    signal?.throwIfAborted();
    await mkdir(downloads, { recursive: true });
    const part = await claimPart(downloads, release.file);
    try {
      await fetchWheel(release, part.path, {
        environment,
        index,
        signal,
        onProgress: report('download'),
        onNote: options.onNote,
      });
      await verifyChecksum(part.path, release.sha256, { signal, onProgress: report('verify') });
      await unpackLibraries(part.path, release, folder, { signal, onProgress: report('unpack') });
      await rm(part.path, { force: true });
    } finally {
      await part.release();
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw storageError(error, downloads);
  }
  const library = findLibrary(environment, { home, release });
  if (!library)
    throw libraryMissing(`${folder} was installed and is gone: another process removed it`, 'Install it again.');
  return library;
}

function noRelease(): SsqlError {
  const platform = `${process.platform}-${process.arch}`;
  return libraryUnavailable(
    `there is no libtensorflow for ${platform}, only for ${Object.keys(RELEASES).join(', ')}`,
    'Use the wasm engine, or set LIBTENSORFLOW_DIR to a folder that holds the libraries.',
  );
}
