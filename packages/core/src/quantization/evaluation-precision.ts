import { formatPrecision, parsePrecision, PRECISION_PATTERN, type Precision } from './precision.js';

/** A precision of evaluation: uniform or mixed, of the network as trained or with folded batch norms, in one of the pipeline's calibrations. */
export interface EvaluationPrecision extends Precision {
  /** Bit widths are chosen per site, within the total cost of the uniform precision. */
  readonly mixed?: boolean;
  /**
   * Batch norms are folded into the layers before them by their running statistics, then weights are quantized, as integer
   * runtimes do. The official code quantizes weights without their batch norms (golden README, "Which layers are quantized").
   */
  readonly folded?: boolean;
  /** The name of one of `evaluation.calibrations`; default: `evaluation.calibration`. */
  readonly calibration?: string;
}

/** How a calibration is named. */
export const CALIBRATION_NAME_PATTERN = '^[A-Za-z][A-Za-z0-9_-]*$';

/**
 * How it is written in a pipeline: a precision, `mixed-w4a4`, `w4a4-folded`, `float-folded` or `mixed-w4a4-folded`; each but a float one
 * also with a calibration: `w4a4@clipped`.
 */
export const EVALUATION_PRECISION_PATTERN = `^(?!mixed-float|float[^@]*@)(mixed-)?${PRECISION_PATTERN.slice(1, -1)}(-folded)?(@${CALIBRATION_NAME_PATTERN.slice(1, -1)})?$`;

/** Reads a precision of evaluation; `undefined` if the text is not one. */
export function parseEvaluationPrecision(text: string): EvaluationPrecision | undefined {
  if (!new RegExp(EVALUATION_PRECISION_PATTERN).test(text)) return undefined;
  const [network = '', calibration] = text.split('@');
  const precision = parsePrecision(network.replace(/^mixed-/, '').replace(/-folded$/, ''));
  return (
    precision && {
      ...precision,
      mixed: network.startsWith('mixed-'),
      folded: network.endsWith('-folded'),
      ...(calibration === undefined ? {} : { calibration }),
    }
  );
}

/** Writes a precision of evaluation as pipelines do: `mixed-w4a4-folded@clipped`. */
export function formatEvaluationPrecision({
  mixed = false,
  folded = false,
  calibration,
  ...precision
}: EvaluationPrecision): string {
  const network = `${mixed ? 'mixed-' : ''}${formatPrecision(precision)}${folded ? '-folded' : ''}`;
  return calibration === undefined ? network : `${network}@${calibration}`;
}
