import { formatPrecision, parsePrecision, PRECISION_PATTERN, type Precision } from './precision.js';

/** A precision of evaluation: uniform or mixed, of the network as trained or with folded batch norms. */
export interface EvaluationPrecision extends Precision {
  /** Bit widths are chosen per site, within the total cost of the uniform precision. */
  readonly mixed?: boolean;
  /**
   * Batch norms are folded into the layers before them by their running statistics, then weights are quantized, as integer
   * runtimes do. The official code quantizes weights without their batch norms (golden README, "Which layers are quantized").
   */
  readonly folded?: boolean;
}

/** How it is written in a pipeline: a precision, `mixed-w4a4`, `w4a4-folded`, `float-folded` or `mixed-w4a4-folded`. */
export const EVALUATION_PRECISION_PATTERN = `^(?!mixed-float)(mixed-)?${PRECISION_PATTERN.slice(1, -1)}(-folded)?$`;

/** Reads a precision of evaluation; `undefined` if the text is not one. */
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
