import { parsePrecision, SsqlError, type Precision } from '@ssql/core';

/** Reads a precision of a stage's options, for pipelines made in code and not validated. */
export function readPrecision(text: string): Precision {
  const precision = parsePrecision(text);
  if (precision) return precision;
  throw precisionInvalid(text);
}

/**
 * A stage made in code is given a text that is no precision.
 * @remedy Write `float`, `w4a8`, `w4` or `a8`, with 1 to 16 bits.
 * @see errors.precisionInvalid
 */
function precisionInvalid(text: string): SsqlError {
  return new SsqlError(
    'PRECISION_INVALID',
    `'${text}' is not a precision; expected float, w4a8, w4 or a8, for example.`,
  );
}
