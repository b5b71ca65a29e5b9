import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** Tries in a row that may bring nothing new before the download is given up. */
const TRIES = 5;
const FIRST_PAUSE = 250;

export interface DownloadOptions {
  readonly headers?: { readonly [header: string]: string };
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number, total: number | undefined) => void;
}

/** pip or an index did not give the file, and no second try will better that. The message says why. */
export class DownloadFailed extends Error {
  override readonly name = 'DownloadFailed';
}

/**
 * Downloads into `part`, going on from where an earlier download stopped, and again after a dropped connection. The file
 * stays when the download fails or is aborted. Whether its bytes are right is for the caller to check.
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
  const { from, total } = await answered(response, start, part);
  if (from === total) return;
  if (!response.body) throw new DownloadFailed(`${url.href} answered with nothing`);
  const file = await open(part, from === 0 ? 'w' : 'a');
  try {
    let done = from;
    onProgress?.(done, total);
    for await (const chunk of response.body) {
      await file.writeFile(chunk);
      done += chunk.byteLength;
      onProgress?.(done, total);
    }
  } finally {
    await file.close();
  }
}

/** Where the body begins and how long the whole file is. A server that knows no ranges sends the whole again. */
async function answered(
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
    throw new Passing(`${response.url} has no byte ${start}`);
  }
  const message = `${response.url} answered ${response.status} ${response.statusText}`.trim();
  throw response.status >= 500 || response.status === 429 ? new Passing(message) : new DownloadFailed(message);
}

/** A failure that a second try may not meet. */
class Passing extends Error {
  override readonly name = 'Passing';
}

/** True for what a second try may better. fetch reports a connection that fails or drops as a TypeError with a cause. */
export function isNetworkFailure(error: unknown): boolean {
  return error instanceof Passing || (error instanceof TypeError && error.cause !== undefined);
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
