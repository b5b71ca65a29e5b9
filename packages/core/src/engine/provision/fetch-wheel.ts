import { libraryUnavailable } from '../engine-errors.js';
import { download, DownloadFailed, isNetworkFailure } from './download.js';
import { findWheel } from './find-wheel.js';
import { authorizationFor, indexAddress } from './index-address.js';
import type { Environment } from './locate.js';
import { pipDownload } from './pip-download.js';
import type { Wheel } from './release.js';

const PUBLIC_INDEX = 'https://pypi.org/simple/';

/** pip has the user's settings; the index needs no Python. */
export type Source = 'pip' | 'index';

export interface FetchOptions {
  readonly environment: Environment;
  /** The address of the index, also for pip. */
  readonly index?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (done: number) => void;
  readonly onNote?: ((line: string) => void) | undefined;
}

/**
 * Downloads a wheel into `part` from the first source that delivers it, and returns this source.
 * @throws ENGINE_UNAVAILABLE with a hint that says why each source failed
 */
export async function fetchWheel(
  wheel: Wheel,
  part: string,
  sources: readonly Source[],
  options: FetchOptions,
): Promise<Source> {
  const failures: string[] = [];
  const causes: unknown[] = [];
  for (const source of sources) {
    try {
      await (source === 'pip' ? byPip : byIndex)(wheel, part, options);
      return source;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!isFailedSource(error)) throw error;
      const failure = `${source === 'pip' ? 'python3 -m pip' : 'The index'}: ${reason(error)}.`;
      if (failures.length === 0) options.onNote?.(failure);
      failures.push(failure);
      causes.push(error);
    }
  }
  throw libraryUnavailable(
    `${wheel.file} could not be downloaded.`,
    [
      ...failures,
      'Install pip for Python 3, or set PIP_INDEX_URL to an index that answers in JSON, or set LIBTENSORFLOW_DIR to a folder that contains the libraries.',
    ].join('\n'),
    new AggregateError(causes),
  );
}

async function byPip(wheel: Wheel, part: string, options: FetchOptions): Promise<void> {
  const { environment, index, onNote } = options;
  onNote?.(`python3 -m pip downloads ${nameAndSize(wheel)}.`);
  await pipDownload(wheel, part, {
    ...options,
    environment: index === undefined ? environment : { ...environment, PIP_INDEX_URL: index },
  });
}

async function byIndex(wheel: Wheel, part: string, options: FetchOptions): Promise<void> {
  const { environment, signal, onProgress, onNote } = options;
  const address = indexAddress(options.index ?? (environment['PIP_INDEX_URL'] || PUBLIC_INDEX));
  if (!address) throw new DownloadFailed('its address does not start with http or https');
  const url = await findWheel(address, wheel, signal);
  onNote?.(`Downloading ${nameAndSize(wheel)} from ${url.host}.`);
  await download(url, part, { headers: authorizationFor(url, address), signal, onProgress });
}

function nameAndSize({ file, bytes }: Wheel): string {
  return `${file} (${Math.ceil(bytes / 1e6)} MB)`;
}

function isFailedSource(error: unknown): error is Error {
  return error instanceof DownloadFailed || isNetworkFailure(error);
}

/** The message of a failed fetch says nothing; its cause says why, sometimes only by a code. */
function reason({ message, cause }: Error): string {
  if (!(cause instanceof Error) || message !== 'fetch failed') return message;
  return cause.message || ('code' in cause ? String(cause.code) : message);
}
