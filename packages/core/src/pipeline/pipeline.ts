import type { Options } from '../plugin/options.js';
import type { PIPELINE } from './pipeline-schema.js';

export type { Pin, Reference } from './pipeline-schema.js';

type Written = Options<typeof PIPELINE>;

/**
 * One run as its pipeline file describes it: validated, defaults filled in, frozen; one cell of the file's matrix. Beside these keys it has
 * a reference for each kind that a plugin opened and the file names: `slots` lists them.
 */
export type Pipeline = Omit<Written, 'name' | 'train' | 'extends' | 'matrix'> &
  Required<Pick<Written, 'name' | 'train'>>;

export type QuantizationSettings = Pipeline['quantization']['weights'];
