import { SsqlError } from '../../errors.js';

/**
 * Gives a full or a read-only disk a code and says what to do; any other error comes back as it is.
 * Codes: ENGINE_DISK_FULL, ENGINE_CACHE_READONLY.
 */
export function storageError(error: unknown, folder: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(folder, error);
  if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') return error;
  return cacheReadonly(folder, error);
}

/**
 * The cache of the engine cannot be written to.
 * @remedy Set SSQL_CACHE_DIR to a folder that can.
 */
function cacheReadonly(folder: string, cause: unknown): SsqlError {
  return new SsqlError('ENGINE_CACHE_READONLY', `${folder} cannot be written to`, {
    hint: 'Set SSQL_CACHE_DIR to a folder that can be written to.',
    cause,
  });
}

/**
 * The disk of the cache is full.
 * @remedy Free about 1.5 GB there, or set SSQL_CACHE_DIR to a folder on another disk.
 */
export function diskFull(folder: string, cause: unknown): SsqlError {
  return new SsqlError('ENGINE_DISK_FULL', `the disk of ${folder} is full`, {
    hint: 'Free about 1.5 GB there, or set SSQL_CACHE_DIR to a folder on another disk.',
    cause,
  });
}
