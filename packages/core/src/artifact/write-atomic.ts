import { promises } from 'node:fs';
import { dirname } from 'node:path';
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
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const handle = await files.open(temporary, 'w');
    try {
      await handle.writeFile(data);
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

/** Says what a failed write means to the user; other errors are returned as they are. */
export function writeError(file: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return diskFull(file, error);
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return notWritable(file, error);
  }
  return error;
}

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
