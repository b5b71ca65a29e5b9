import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { wheelInvalid } from '../engine-errors.js';
import { makeFolder } from '../../make-folder.js';
import { isWhole } from './locate.js';
import { bytesOf, librariesOf, type Release, type Wheel } from './release.js';

export interface UnpackOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Unpacks only the shared libraries of a release into `folder`, which appears when it is complete. Keeps the folder of another process
 * that was faster.
 * @param files the files of the release's wheels, in their order
 * @throws ENGINE_WHEEL_INVALID if a wheel lacks a library or contains it in another size
 */
export async function unpackLibraries(
  files: readonly string[],
  release: Release,
  folder: string,
  { signal, onProgress }: UnpackOptions = {},
): Promise<void> {
  const libraries = librariesOf(release);
  if (isWhole(folder, libraries)) return;
  await makeFolder(dirname(folder));
  const temporary = `${folder}.unpacking-${randomUUID()}`;
  await mkdir(temporary);
  let done = 0;
  const count = (bytes: number): void => onProgress?.((done += bytes), bytesOf(libraries));
  try {
    for (const [index, wheel] of release.wheels.entries())
      await unpackWheel(files[index]!, wheel, temporary, count, signal);
    await putInPlace(temporary, folder, release);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function unpackWheel(
  path: string,
  { file, libraries }: Wheel,
  folder: string,
  count: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const paths = libraries.map((library) => library.path);
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      signal?.throwIfAborted();
      if (paths.includes(entry.fileName))
        await unpackEntry(zip, entry, join(folder, basename(entry.fileName)), count, signal);
    }
  } finally {
    zip.close();
  }
  if (!isWhole(folder, libraries)) throw wheelInvalid(file, paths);
}

/** Flushes the file to the disk, so that after a power cut the final folder contains no partial library. */
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
    if (isWhole(folder, librariesOf(release))) return;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    await rm(folder, { recursive: true, force: true });
    await putInPlace(temporary, folder, release);
  }
}
