import { EVALUATION_PRECISION_PATTERN, PRECISION_PATTERN } from '@ssql/core';

/** The option of a stage that lists the precisions to measure. */
export const precisionsOption = {
  type: 'array',
  items: { type: 'string', pattern: PRECISION_PATTERN },
  minItems: 1,
  uniqueItems: true,
  description: 'Precisions of the backbone: float, w4a8, w4, a8.',
} as const;

/** The option of an evaluating stage that lists the precisions to evaluate. */
export const evaluationPrecisionsOption = {
  ...precisionsOption,
  items: { type: 'string', pattern: EVALUATION_PRECISION_PATTERN },
  description:
    'Precisions of the backbone: float, w4a8, w4, a8. mixed-w4a4: per-layer bit widths within the total cost of w4a4. w4a4-folded: batch norms are folded into the layers before them first. w4a4@mse: in the calibration `mse` of `evaluation.calibrations`.',
} as const;
