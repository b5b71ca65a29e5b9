import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** The download fails after so many tries in a row that bring no new bytes. */
const TRIES = 5;
const FIRST_PAUSE = 250;

export interface DownloadOptions {
  readonly headers?: { readonly [header: string]: string };
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number, total: number | undefined) => void;
}

/** pip or an index does not deliver the file, and trying again does not help. The message says why. */
export class DownloadFailed extends Error {
  override readonly name = 'DownloadFailed';
}

/**
 * Downloads into `part`. Continues an earlier download that stopped, and tries again after a dropped connection. The file
 * stays if the download fails or is aborted. The caller checks its bytes.
 */
export async function download(url: URL, part: string, options: DownloadOptions = {}): Promise<void> {
  let farthest = await sizeOf(part);
  for (let fruitless = 0; ;) {
    try {
      return await fetchRest(url, part, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!isNetworkFailure(error)) throw error;
      const reached = await sizeOf(part);
      fruitless = reached > farthest ? 0 : fruitless + 1;
      farthest = Math.max(farthest, reached);
      if (fruitless >= TRIES) throw error;
      await pause(FIRST_PAUSE * 2 ** fruitless, undefined, options.signal && { signal: options.signal });
    }
  }
}

async function fetchRest(url: URL, part: string, { headers, signal, onProgress }: DownloadOptions): Promise<void> {
  const start = await sizeOf(part);
  const range = start > 0 ? { range: `bytes=${start}-` } : {};
  const response = await fetch(url, {
    headers: { ...headers, ...range, 'accept-encoding': 'identity' },
    ...(signal && { signal }),
  });
  const { from, total } = await bodyRange(response, start, part);
  if (from > 0 && from === total) return;
  if (!response.body) throw new DownloadFailed(`${url.href} answered without a body`);
  const file = await open(part, from === 0 ? 'w' : 'a');
  try {
    let done = from;
    onProgress?.(done, total);
    for await (const chunk of response.body) {
      await file.writeFile(chunk);
      done += chunk.byteLength;
      onProgress?.(done, total);
    }
    if (done === 0) throw new DownloadFailed(`${url.href} answered with an empty file`);
  } finally {
    await file.close();
  }
}

/** The offset of the body in the file, and the size of the file. A server without support for ranges sends the whole file. */
async function bodyRange(
  response: Response,
  start: number,
  part: string,
): Promise<{ from: number; total: number | undefined }> {
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  const whole = range?.[2] === undefined || range[2] === '*' ? undefined : Number(range[2]);
  if (response.status === 200) {
    const length = response.headers.get('content-length');
    return { from: 0, total: length === null ? undefined : Number(length) };
  }
  if (response.status === 206 && range?.[1] === String(start)) return { from: start, total: whole };
  await response.body?.cancel();
  if (response.status === 416 && whole === start) return { from: start, total: start };
  if (response.status === 416 || response.status === 206) {
    await rm(part, { force: true });
    throw new TemporaryFailure(`${response.url} has no byte ${start}`);
  }
  const message = `${response.url} answered ${response.status} ${response.statusText}`.trim();
  throw response.status >= 500 || response.status === 429 ? new TemporaryFailure(message) : new DownloadFailed(message);
}

/** A failure that may be gone at the next try. */
class TemporaryFailure extends Error {
  override readonly name = 'TemporaryFailure';
}

/** True if another try can succeed. fetch reports a failed or dropped connection as a TypeError with a cause. */
export function isNetworkFailure(error: unknown): boolean {
  return error instanceof TemporaryFailure || (error instanceof TypeError && error.cause !== undefined);
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
