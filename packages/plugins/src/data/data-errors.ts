import { SsqlError } from '@ssql/core';

/**
 * A file or folder of a dataset does not exist.
 * @remedy Download the data, or set the option that locates it. Paths are relative to the folder of the pipeline.
 */
export function dataMissing(what: string, hint: string, cause?: unknown): SsqlError {
  return new SsqlError('DATA_MISSING', `${what} does not exist.`, cause === undefined ? { hint } : { hint, cause });
}

/**
 * A file or folder of a dataset exists and cannot be read.
 * @remedy Put the file or folder of the dataset in its place, and check that you may read it.
 */
export function dataUnreadable(path: string, cause: unknown): SsqlError {
  const { code } = Object(cause) as { readonly code?: unknown };
  const reason =
    code === 'EISDIR' ? 'it is a folder' : code === 'ENOTDIR' ? 'it is a file, not a folder' : String(cause);
  return new SsqlError('DATA_UNREADABLE', `${path} cannot be read: ${reason}.`, {
    hint: `Put the ${code === 'ENOTDIR' ? 'folder' : 'file'} of the dataset in its place, and check that you may read it.`,
    cause,
  });
}

/**
 * A file ends in the middle of a record.
 * @remedy Download the file again: the last download may be incomplete.
 */
export function dataTruncated(file: string, bytes: number, recordBytes: number): SsqlError {
  const records = Math.floor(bytes / recordBytes);
  return new SsqlError(
    'DATA_TRUNCATED',
    `${file} has ${bytes} bytes; expected one or more whole records of ${recordBytes} bytes (${records} records are ${records * recordBytes} bytes).`,
    { hint: 'Download the file again: the last download may be incomplete.' },
  );
}

/**
 * The bytes of a dataset do not match its format.
 * @remedy Check that the files belong to the dataset, and download them again.
 */
export function dataInvalid(message: string, hint?: string): SsqlError {
  return new SsqlError('DATA_INVALID', message, { hint });
}
