import { parsePrecision, SsqlError, type Precision } from '@ssql/core';

/** Reads a precision of a stage's options, for pipelines made in code and not validated. */
export function readPrecision(text: string): Precision {
  const precision = parsePrecision(text);
  if (precision) return precision;
  throw new SsqlError(
    'PRECISION_INVALID',
    `'${text}' is not a precision; expected float, w4a8, w4 or a8, for example.`,
  );
}
