import type { Options } from '../plugin/options.js';
import type { PIPELINE } from './pipeline-schema.js';

export type { Reference } from './schema-parts.js';
export type { Pin } from './pipeline-schema.js';

type Written = Options<typeof PIPELINE>;

/**
 * The resolved pipeline of one run, i.e. of one cell of the matrix: validated, with defaults filled in, frozen. In addition to these keys
 * it has a reference for each kind that plugins add and the file uses; `slots` lists them.
 */
export type Pipeline = Omit<Written, 'name' | 'train' | 'extends' | 'matrix'> &
  Required<Pick<Written, 'name' | 'train'>>;

export type QuantizationSettings = Pipeline['quantization']['weights'];
