import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { wheelInvalid } from '../engine-errors.js';
import { isWhole } from './locate.js';
import type { Release } from './release.js';

export interface UnpackOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Unpacks a wheel's shared libraries, and nothing else, into `folder`, which appears whole or not at all. Where another
 * process was first, its folder stands.
 * @throws ENGINE_WHEEL_INVALID where the wheel lacks a library or holds it in another size
 */
export async function unpackLibraries(
  wheel: string,
  release: Release,
  folder: string,
  options: UnpackOptions = {},
): Promise<void> {
  if (isWhole(folder, release)) return;
  await mkdir(dirname(folder), { recursive: true });
  const temporary = `${folder}.unpacking-${randomUUID()}`;
  await mkdir(temporary);
  try {
    await unpackInto(temporary, wheel, release, options);
    if (!isWhole(temporary, release)) {
      throw wheelInvalid(
        release.file,
        release.libraries.map(({ path }) => path),
      );
    }
    await putInPlace(temporary, folder, release);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function unpackInto(
  folder: string,
  wheel: string,
  release: Release,
  { signal, onProgress }: UnpackOptions,
): Promise<void> {
  const total = release.libraries.reduce((sum, { bytes }) => sum + bytes, 0);
  const wanted = new Set(release.libraries.map(({ path }) => path));
  let done = 0;
  const count = (bytes: number): void => onProgress?.((done += bytes), total);
  const zip = await openPromise(wheel, { lazyEntries: true, autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      signal?.throwIfAborted();
      if (wanted.has(entry.fileName))
        await unpackEntry(zip, entry, join(folder, basename(entry.fileName)), count, signal);
    }
  } finally {
    zip.close();
  }
}

/** Flushed to the disk before the folder is renamed, so that a power cut leaves no half a library under the final name. */
async function unpackEntry(
  zip: ZipFile,
  entry: Entry,
  file: string,
  count: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      count(chunk.length);
      done(undefined, chunk);
    },
  });
  const target = createWriteStream(file, { flush: true });
  await pipeline(await zip.openReadStreamPromise(entry), counter, target, { ...(signal && { signal }) });
}

async function putInPlace(temporary: string, folder: string, release: Release): Promise<void> {
  try {
    await rename(temporary, folder);
  } catch (error) {
    if (isWhole(folder, release)) return;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    await rm(folder, { recursive: true, force: true });
    await putInPlace(temporary, folder, release);
  }
}
