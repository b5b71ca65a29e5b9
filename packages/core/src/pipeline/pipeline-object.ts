import { stringify } from 'yaml';
import { isRecord, shown } from '../values.js';
import { pipelineNoSource, pipelineUnwritable } from './file-errors.js';

/** The file of a pipeline that a program passes as an object. @throws SsqlError PIPELINE_NO_SOURCE, PIPELINE_UNWRITABLE */
export function yamlOf(pipeline: unknown): Buffer {
  if (!isRecord(pipeline)) throw pipelineNoSource(shown(pipeline));
  refuseUnwritable(pipeline, [], []);
  return Buffer.from(stringify(pipeline, { aliasDuplicateObjects: false }));
}

function refuseUnwritable(value: unknown, path: readonly string[], within: readonly unknown[]): void {
  const where = path.join('.');
  if (typeof value === 'function' || typeof value === 'symbol') throw pipelineUnwritable(where, `a ${typeof value}`);
  if (typeof value !== 'object' || value === null) return;
  if (value instanceof Map || value instanceof Set || value instanceof RegExp)
    throw pipelineUnwritable(where, shown(value));
  if (within.includes(value)) throw pipelineUnwritable(where, 'an object that contains itself');
  for (const [key, member] of Object.entries(value)) refuseUnwritable(member, [...path, key], [...within, value]);
}
