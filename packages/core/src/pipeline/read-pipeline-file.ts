import { readFile } from 'node:fs/promises';
import { PipelineErrors } from '../errors.js';
import { pipelineFileMissing } from './file-errors.js';

/** @throws PipelineErrors PIPELINE_FILE_MISSING */
export async function readPipelineFile(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new PipelineErrors([pipelineFileMissing(file, cause)]);
  }
}
