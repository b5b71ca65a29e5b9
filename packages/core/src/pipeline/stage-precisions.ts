import { parseEvaluationPrecision, type EvaluationPrecision } from '../quantization/evaluation-precision.js';
import type { Path } from './locate.js';
import type { Pipeline } from './pipeline.js';

/** A precision that a stage measures, and where the pipeline asks for it. */
export interface StagePrecision {
  readonly precision: EvaluationPrecision;
  readonly path: Path;
}

/** The precisions of all stages and of the monitor's: texts such as `w4a4` in options that have `precision` in their names. */
export function stagePrecisions({ stages, monitor }: Pipeline): readonly StagePrecision[] {
  return [
    ...stages.flatMap((stage, index) => inOptions(stage.with, ['stages', index, 'with'])),
    ...(monitor?.stages ?? []).flatMap((stage, index) => inOptions(stage.with, ['monitor', 'stages', index, 'with'])),
  ];
}

function inOptions(options: object, path: Path): readonly StagePrecision[] {
  return Object.entries(options).flatMap(([name, value]: [string, unknown]) => {
    if (!/precision/i.test(name)) return [];
    const texts = Array.isArray(value) ? value.map((text, index) => [text, [index]] as const) : [[value, []] as const];
    return texts.flatMap(([text, index]) => {
      const precision = typeof text === 'string' ? parseEvaluationPrecision(text) : undefined;
      return precision === undefined ? [] : [{ precision, path: [...path, name, ...index] }];
    });
  });
}
