import { libraryUnavailable } from '../engine-errors.js';
import { download, DownloadFailed, isNetworkFailure } from './download.js';
import { findWheel } from './find-wheel.js';
import { authorizationFor, indexAddress } from './index-address.js';
import type { Environment } from './locate.js';
import { pipDownload } from './pip-download.js';
import type { Release } from './release.js';

const PUBLIC_INDEX = 'https://pypi.org/simple/';

export interface FetchOptions {
  readonly environment: Environment;
  /** The index to ask, before pip, and for pip to ask. */
  readonly index?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (done: number, total: number | undefined) => void;
  readonly onNote?: ((line: string) => void) | undefined;
}

/**
 * Brings a release's wheel into `part`: by pip, which knows its own settings, else from the index itself, so that Node is enough.
 * @throws ENGINE_UNAVAILABLE with a hint that says why each way failed
 */
export async function fetchWheel(release: Release, part: string, options: FetchOptions): Promise<void> {
  const failures: string[] = [];
  const causes: unknown[] = [];
  for (const way of options.index === undefined ? [byPip, byIndex] : [byIndex, byPip]) {
    try {
      return await way(release, part, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!isFailedWay(error)) throw error;
      const failure = `${way === byPip ? 'python3 -m pip' : 'The index'}: ${reason(error)}.`;
      if (failures.length === 0) options.onNote?.(failure);
      failures.push(failure);
      causes.push(error);
    }
  }
  throw libraryUnavailable(
    `libtensorflow ${release.version} (${release.package}) could not be downloaded`,
    [
      ...failures,
      'Install pip for Python 3, or set PIP_INDEX_URL to an index that answers in JSON, or set LIBTENSORFLOW_DIR to a folder that holds the libraries.',
    ].join('\n'),
    new AggregateError(causes),
  );
}

async function byPip(release: Release, part: string, options: FetchOptions): Promise<void> {
  const { environment, index, onNote } = options;
  onNote?.(`python3 -m pip downloads ${sized(release)}.`);
  await pipDownload(release, part, {
    ...options,
    environment: index === undefined ? environment : { ...environment, PIP_INDEX_URL: index },
  });
}

async function byIndex(release: Release, part: string, options: FetchOptions): Promise<void> {
  const { environment, signal, onProgress, onNote } = options;
  const address = indexAddress(options.index ?? (environment['PIP_INDEX_URL'] || PUBLIC_INDEX));
  if (!address) throw new DownloadFailed('its address is no http or https address');
  const url = await findWheel(address, release, signal);
  onNote?.(`Downloading ${sized(release)} from ${url.host}.`);
  await download(url, part, { headers: authorizationFor(url, address), signal, onProgress });
}

function sized({ file, bytes }: Release): string {
  return `${file} (${Math.ceil(bytes / 1e6)} MB)`;
}

function isFailedWay(error: unknown): error is Error {
  return error instanceof DownloadFailed || isNetworkFailure(error);
}

/** fetch says only that it failed; its cause says why, some causes by their code alone. */
function reason({ message, cause }: Error): string {
  if (!(cause instanceof Error) || message !== 'fetch failed') return message;
  return cause.message || ('code' in cause ? String(cause.code) : message);
}
