import { formatPrecision, parsePrecision, PRECISION_PATTERN, type Precision } from './precision.js';

/** A precision of evaluation: also with bits by site, and of the network whose batch norms are folded. */
export interface EvaluationPrecision extends Precision {
  /** Each site has bits of its own, chosen so that the whole costs no more than the precision would everywhere. */
  readonly mixed?: boolean;
  /**
   * Batch norms are folded into the layers before them by their running statistics, then weights are quantized, as integer
   * runtimes do. The official code quantizes weights without their batch norms (golden README, "Which layers are quantized").
   */
  readonly folded?: boolean;
}

/** What it looks like in a pipeline: a precision, `mixed-w4a4`, `w4a4-folded`, `float-folded` or `mixed-w4a4-folded`. */
export const EVALUATION_PRECISION_PATTERN = `^(?!mixed-float)(mixed-)?${PRECISION_PATTERN.slice(1, -1)}(-folded)?$`;

/** Reads a precision of evaluation; `undefined` if it is none. */
export function parseEvaluationPrecision(text: string): EvaluationPrecision | undefined {
  if (!new RegExp(EVALUATION_PRECISION_PATTERN).test(text)) return undefined;
  const precision = parsePrecision(text.replace(/^mixed-/, '').replace(/-folded$/, ''));
  return precision && { ...precision, mixed: text.startsWith('mixed-'), folded: text.endsWith('-folded') };
}

/** Writes a precision of evaluation as pipelines do: `mixed-w4a4-folded`. */
export function formatEvaluationPrecision({
  mixed = false,
  folded = false,
  ...precision
}: EvaluationPrecision): string {
  return `${mixed ? 'mixed-' : ''}${formatPrecision(precision)}${folded ? '-folded' : ''}`;
}
