import { costAt } from '../evaluate/cost-at.js';
import type { RunRecord } from '../kinds/run-record.js';
import { stagePrecisions } from '../pipeline/stage-precisions.js';
import { formatEvaluationPrecision } from '../quantization/evaluation-precision.js';
import type { PreparedRun } from './prepared-run.js';

/** The costs of a run's backbone at the uniform precisions of its stages. */
export function costsOf({ cell, composition, model }: PreparedRun): RunRecord['costs'] {
  const uniform = stagePrecisions(cell.pipeline).filter(({ precision }) => precision.mixed !== true);
  const costs = uniform.map(({ precision }) => {
    const { bops, bytes } = costAt(model, composition.evaluated.shape, precision);
    return [formatEvaluationPrecision(precision), { bops, bytes }] as const;
  });
  return Object.fromEntries(costs);
}
