import { SsqlError } from '../../errors.js';

/**
 * Turns the errors of a full or read-only disk into ENGINE_DISK_FULL and ENGINE_CACHE_READONLY. Returns other errors
 * unchanged.
 */
export function storageError(error: unknown, folder: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(folder, error);
  if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') return error;
  return cacheReadonly(folder, error);
}

/**
 * The cache folder of the engine is read-only.
 * @remedy Set SSQL_CACHE_DIR to a writable folder.
 */
function cacheReadonly(folder: string, cause: unknown): SsqlError {
  return new SsqlError('ENGINE_CACHE_READONLY', `${folder} is not writable.`, {
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
