import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { checksumMismatch } from '../engine-errors.js';

/**
 * Checks a file's sha256 and removes the file where it is another.
 * @throws ENGINE_CHECKSUM
 */
export async function verifyChecksum(
  file: string,
  expected: string,
  {
    signal,
    onProgress,
  }: { readonly signal?: AbortSignal | undefined; readonly onProgress?: (done: number, total: number) => void } = {},
): Promise<void> {
  const { size } = await stat(file);
  const hash = createHash('sha256');
  let done = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20, ...(signal && { signal }) })) {
    hash.update(chunk);
    done += chunk.length;
    onProgress?.(done, size);
  }
  const found = hash.digest('hex');
  if (found === expected) return;
  await rm(file, { force: true });
  throw checksumMismatch(
    `what was downloaded has the sha256 ${found}, not ${expected}; it was removed`,
    'Install again; where this repeats, name another index with --index.',
  );
}
