import { promises } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { diskFull, notWritable } from './artifact-errors.js';

/** The part of node:fs/promises that writing needs. */
export type WritableFiles = Pick<typeof promises, 'open' | 'rename' | 'rm'>;

/**
 * Writes a whole file or nothing: after a crash the file holds either its old bytes or the new ones. The package write-file-atomic
 * (7.0) cannot do this: it ignores a short write, so on a full disk it replaces the file with one that is cut off, without an error.
 * @throws SsqlError DISK_FULL, NOT_WRITABLE
 */
export async function writeAtomic(
  file: string,
  data: string | Uint8Array,
  files: WritableFiles = promises,
): Promise<void> {
  const temporary = `${file}.${process.pid}${ENDING}`;
  try {
    const handle = await files.open(temporary, 'w');
    try {
      await writeAll(handle, typeof data === 'string' ? Buffer.from(data) : data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await files.rename(temporary, file);
    await syncFolder(dirname(file), files);
  } catch (error) {
    await files.rm(temporary, { force: true }).catch(() => undefined);
    throw writeError(file, error);
  }
}

const ENDING = '.tmp';

/**
 * Removes the unfinished files of processes that were killed.
 * @param age seconds since which nothing was written to them; 0 only where nothing else may be writing to the folder
 */
export async function removeUnfinished(folder: string, age = 0): Promise<void> {
  for (const name of await promises.readdir(folder)) {
    if (!/\.\d+$/.test(basename(name, ENDING)) || !name.endsWith(ENDING)) continue;
    const file = join(folder, name);
    const { mtimeMs } = await promises.stat(file).catch(() => ({ mtimeMs: Infinity })); // renamed meanwhile
    if (age === 0 || Date.now() - mtimeMs > 1000 * age) await promises.rm(file, { force: true, recursive: true });
  }
}

/**
 * Not `writeFile`, which writes half a mebibyte a call: between calls it needs a turn of the event loop, and training, which goes on
 * meanwhile, makes one a step.
 */
async function writeAll(handle: FileHandle, data: Uint8Array): Promise<void> {
  for (let at = 0; at < data.length;) {
    const { bytesWritten } = await handle.write(data, at, Math.min(data.length - at, MOST_BYTES));
    at += bytesWritten;
  }
}

const MOST_BYTES = 2 ** 30; // Node writes less than 2 GiB a call

/** Says what a failed write means to the user; other errors are returned as they are. */
export function writeError(file: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return diskFull(file, error);
  }
  const reason = REASONS.get(code);
  return reason === undefined ? error : notWritable(file, reason, error);
}

const FORBIDDEN = 'it is not permitted';
const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['EACCES', FORBIDDEN],
  ['EPERM', FORBIDDEN],
  ['EROFS', 'the file system is read-only'],
  ['EFBIG', 'it would be larger than files may be here (`ulimit -f`)'],
  ['ENOTDIR', 'a file is where its folder should be'],
  ['EEXIST', 'a file is where its folder should be'],
  ['EISDIR', 'a folder is in its place'],
  ['ENOENT', 'its folder does not exist'],
  ['ENAMETOOLONG', 'its name is too long for the file system'],
  ['ELOOP', 'it is a link, or its path has too many links'],
  ['EIO', 'the device failed'],
]);

/** Makes a rename last through a power cut. Windows cannot open folders, and needs no such step. */
async function syncFolder(folder: string, files: WritableFiles): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await files.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
