import { SsqlError } from '@ssql/core';

/**
 * A file or folder of a dataset is not there.
 * @remedy Fetch the data, or set the option that says where they are; paths start at the pipeline's folder.
 */
export function dataMissing(what: string, hint: string, cause?: unknown): SsqlError {
  return new SsqlError('DATA_MISSING', `${what} does not exist.`, cause === undefined ? { hint } : { hint, cause });
}

/**
 * A file ends in the middle of a record.
 * @remedy Fetch the file again: the download may have stopped early.
 */
export function dataTruncated(file: string, bytes: number, recordBytes: number): SsqlError {
  const records = Math.floor(bytes / recordBytes);
  return new SsqlError(
    'DATA_TRUNCATED',
    `${file} has ${bytes} bytes; expected one or more whole records of ${recordBytes} bytes (${records} records are ${records * recordBytes} bytes).`,
    { hint: 'The download may have stopped early: fetch the file again.' },
  );
}

/**
 * The bytes of a dataset are not what its format allows.
 * @remedy Check that the files are those of the dataset, and fetch them again.
 */
export function dataInvalid(message: string): SsqlError {
  return new SsqlError('DATA_INVALID', message);
}
