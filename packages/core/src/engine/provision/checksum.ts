import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { checksumMismatch } from '../engine-errors.js';

interface HashOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Checks the sha256 of a file. Removes the file if it differs.
 * @throws ENGINE_CHECKSUM
 */
export async function verifyChecksum(
  file: string,
  expected: string,
  { signal, onProgress }: HashOptions = {},
): Promise<void> {
  const actual = await hashFile(file, { signal, onProgress });
  if (actual === expected) return;
  await rm(file, { force: true });
  throw checksumMismatch(
    `The downloaded file has the sha256 ${actual}, not ${expected}. It was removed.`,
    'Install again. If the error repeats, pass another index with --index.',
  );
}

/** The checksum of a file, in hexadecimal digits. */
export async function hashFile(
  file: string,
  { signal, onProgress, algorithm = 'sha256' }: HashOptions & { readonly algorithm?: 'sha256' | 'md5' } = {},
): Promise<string> {
  const { size } = await stat(file);
  const hash = createHash(algorithm);
  let done = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20, ...(signal && { signal }) })) {
    hash.update(chunk);
    done += chunk.length;
    onProgress?.(done, size);
  }
  return hash.digest('hex');
}
