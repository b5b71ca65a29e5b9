import {
  parseEvaluationPrecision,
  parsePrecision,
  SsqlError,
  type EvaluationPrecision,
  type Precision,
} from '@ssql/core';

/** Reads a precision from the options of a stage, for pipelines that were created in code and not validated. */
export function readPrecision(text: string): Precision {
  return parsePrecision(text) ?? refuse(text);
}

/** Reads a precision from the options of an evaluating stage, likewise. */
export function readEvaluationPrecision(text: string): EvaluationPrecision {
  return parseEvaluationPrecision(text) ?? refuse(text);
}

function refuse(text: string): never {
  throw precisionInvalid(text);
}

/**
 * A stage created in code has an invalid precision.
 * @remedy Write `float`, `w4a8`, `w4` or `a8`, with 1 to 16 bits; stages that evaluate also take `mixed-w4a8`, `w4a8-folded` and `w4a8@name`.
 * @see errors.precisionInvalid
 */
function precisionInvalid(text: string): SsqlError {
  return new SsqlError(
    'PRECISION_INVALID',
    `'${text}' is not a precision; expected float, w4a8, w4 or a8, for example.`,
  );
}
