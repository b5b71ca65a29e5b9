import { SsqlError } from '../../errors.js';
import { isCode } from '../../make-folder.js';

/**
 * Turns the errors of a full disk, and of a folder that cannot be written to, into ENGINE_DISK_FULL and ENGINE_CACHE_READONLY. Returns
 * other errors unchanged.
 */
export function storageError(error: unknown, folder: string): unknown {
  if (isCode(error, 'ENOSPC', 'EDQUOT')) return diskFull(folder, error);
  if (isCode(error, 'ENOTDIR', 'EEXIST')) return cacheReadonly(folder, 'a file is in the place of a folder', error);
  if (isCode(error, 'EACCES', 'EPERM')) return cacheReadonly(folder, 'it is not permitted', error);
  if (isCode(error, 'EROFS')) return cacheReadonly(folder, 'the file system is read-only', error);
  if (isCode(error, 'ENAMETOOLONG', 'ELOOP')) return cacheReadonly(folder, 'the path is not usable', error);
  return error;
}

/**
 * The cache folder of the engine cannot be written to.
 * @remedy Set SSQL_CACHE_DIR to a writable folder.
 */
function cacheReadonly(folder: string, reason: string, cause: unknown): SsqlError {
  return new SsqlError('ENGINE_CACHE_READONLY', `${folder} is not writable: ${reason}.`, {
    hint: 'Set SSQL_CACHE_DIR to a writable folder.',
    cause,
  });
}

/**
 * The disk of the cache is full.
 * @remedy Free 1.5 GB there, or 6 GB for the GPU build, or set SSQL_CACHE_DIR to a folder on another disk.
 */
export function diskFull(folder: string, cause: unknown): SsqlError {
  return new SsqlError('ENGINE_DISK_FULL', `The disk of ${folder} is full.`, {
    hint: 'Free 1.5 GB there, or 6 GB for the GPU build, or set SSQL_CACHE_DIR to a folder on another disk.',
    cause,
  });
}
