import { MOST_THREADS } from '../engine/engine.js';
import type { Typed } from '../plugin/options.js';

/** `auto`, or numbers of threads; default: all processors. */
export const THREADS = {
  if: { type: 'string' },
  then: { const: 'auto' },
  else: {
    title: '`auto`, or `intraOp` and `interOp`,',
    type: 'object',
    additionalProperties: false,
    properties: {
      intraOp: { type: 'integer', minimum: 1, maximum: MOST_THREADS, description: 'Threads within an operation.' },
      interOp: { type: 'integer', minimum: 1, maximum: MOST_THREADS, description: 'Operations that run in parallel.' },
    },
  },
  description:
    'Threads of libtensorflow; default: all processors for both. auto: a new run times its training step with a few choices and keeps the ' +
    'fastest, also when it is resumed; on a GPU and on other engines it changes nothing. Runs are reproducible to the byte only with equal numbers of threads.',
} as Typed<'auto' | { readonly intraOp?: number; readonly interOp?: number } | undefined>; // types of alternatives cannot be inferred
