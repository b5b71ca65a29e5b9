import { open } from 'node:fs/promises';
import { PipelineErrors, SsqlError } from '../errors.js';
import { refuseSpecialFile } from '../regular-file.js';
import { pipelineFileMissing } from './file-errors.js';
import { LARGEST_FILE } from './parse.js';

/** @throws PipelineErrors PIPELINE_FILE_MISSING, FILE_SPECIAL */
export async function readPipelineFile(file: string): Promise<Uint8Array> {
  try {
    return await readBounded(file);
  } catch (cause) {
    throw new PipelineErrors([cause instanceof SsqlError ? cause : pipelineFileMissing(file, cause)]);
  }
}

/** The bytes of a file, up to the first that makes it too large. @throws SsqlError FILE_SPECIAL */
export async function readBounded(file: string): Promise<Uint8Array> {
  refuseSpecialFile(file);
  const handle = await open(file);
  try {
    const bytes = new Uint8Array(LARGEST_FILE + 1);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}
