import type { Evaluation } from '../run-record.js';
import { parseEvaluationPrecision } from '../../quantization/evaluation-precision.js';
import { problem, type Problem } from './checks.js';
import { isRecord, shown } from '../../values.js';

const CLASSIFIERS: readonly unknown[] = ['matched', 'float'];

/**
 * The problem of results that a stage records. NaN is refused too: files of results are JSON, which has no NaN, so it would be read
 * back as no number.
 */
export function wrongEvaluations(evaluations: unknown): Problem | undefined {
  if (!Array.isArray(evaluations)) return problem(shown(evaluations), 'a list of results');
  for (const result of evaluations as readonly Evaluation[]) {
    if (!isRecord(result)) return problem(shown(result), 'results');
    const name = `${String(result.metric)} of ${String(result.stage)} at ${String(result.precision)}`;
    if (!Number.isFinite(result.value)) return problem(`${shown(result.value)} as ${name}`, 'a finite number');
    const error = result.standardError;
    if (error !== undefined && !(Number.isFinite(error) && error >= 0))
      return problem(`the standard error ${shown(error)} of ${name}`, 'a finite number from 0');
    if (typeof result.precision !== 'string' || parseEvaluationPrecision(result.precision) === undefined)
      return problem(`\`precision\` ${shown(result.precision)}`, 'a precision such as `float` or `w4a4`');
    if (!CLASSIFIERS.includes(result.classifier))
      return problem(`\`classifier\` ${shown(result.classifier)}`, '`matched` or `float`');
    const text = (['stage', 'metric'] as const).find((key) => typeof result[key] !== 'string' || result[key] === '');
    if (text !== undefined) return problem(`\`${text}\` ${shown(result[text])}`, 'a text');
  }
  return undefined;
}
