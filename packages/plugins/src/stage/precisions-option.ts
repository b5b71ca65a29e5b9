import { PRECISION_PATTERN } from '@ssql/core';

/** The option of an evaluating stage that lists the precisions to evaluate at. */
export const precisionsOption = {
  type: 'array',
  items: { type: 'string', pattern: PRECISION_PATTERN },
  minItems: 1,
  uniqueItems: true,
  description: 'Precisions of the backbone: float, w4a8, w4, a8.',
} as const;
