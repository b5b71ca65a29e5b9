import { libraryUnavailable } from '../engine-errors.js';
import { download, isNetworkFailure, Refused } from './download.js';
import { authorizationFor, indexAddress } from './index-address.js';
import type { Environment } from './locate.js';
import { PipFailed, pipDownload } from './pip-download.js';
import { pipIndex } from './pip-settings.js';
import type { Release } from './release.js';
import { findWheel, NotInIndex } from './simple-index.js';

export interface FetchOptions {
  readonly environment: Environment;
  readonly home: string;
  /** The index to ask, and no pip. */
  readonly index?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (done: number, total: number | undefined) => void;
}

/**
 * Brings a release's wheel into `part`: by pip, which knows its own settings, else from the index itself.
 * @throws ENGINE_UNAVAILABLE with a hint that says why each way failed
 */
export async function fetchWheel(release: Release, folder: string, part: string, options: FetchOptions): Promise<void> {
  const failures: string[] = [];
  const causes: unknown[] = [];
  for (const way of options.index === undefined ? [byPip, byIndex] : [byIndex]) {
    try {
      return await way(release, folder, part, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!isFailedWay(error)) throw error;
      failures.push(`${way === byPip ? 'python3 -m pip' : 'The index'}: ${reason(error)}.`);
      causes.push(error);
    }
  }
  throw libraryUnavailable(
    `libtensorflow ${release.version} (${release.package}) could not be downloaded`,
    [
      ...failures,
      'Name a package index with --index or PIP_INDEX_URL, or set LIBTENSORFLOW_DIR to a folder that holds the libraries.',
    ].join('\n'),
    new AggregateError(causes),
  );
}

async function byPip(release: Release, folder: string, part: string, options: FetchOptions): Promise<void> {
  await pipDownload(release, folder, part, options);
}

async function byIndex(release: Release, _folder: string, part: string, options: FetchOptions): Promise<void> {
  const { environment, home, signal, onProgress } = options;
  const index = options.index ?? pipIndex(environment, home);
  if (index === undefined) throw new NotInIndex('none is named, by --index, PIP_INDEX_URL or index-url in pip.conf');
  const address = indexAddress(index);
  if (!address) throw new NotInIndex('the one that is named is no http or https address');
  const url = await findWheel(address, release, signal);
  await download(url, part, { headers: authorizationFor(url, address), signal, onProgress });
}

function isFailedWay(error: unknown): error is Error {
  return (
    error instanceof PipFailed || error instanceof NotInIndex || error instanceof Refused || isNetworkFailure(error)
  );
}

/** fetch says only that it failed; its cause says why, some causes by their code alone. */
function reason({ message, cause }: Error): string {
  if (!(cause instanceof Error) || message !== 'fetch failed') return message;
  return cause.message || ('code' in cause ? String(cause.code) : message);
}
