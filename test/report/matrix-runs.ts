import type { RunRecord } from '../../packages/core/src/index.js';
import { makeRun } from './quickstart-runs.js';

/** What differs from SimSiam's runs: points of accuracy at few bits, and the level of the loss. */
const METHODS = {
  SimSiam: { gain: 1, loss: 0 },
  BYOL: { gain: 0.5, loss: 1 },
  'MoCo v2': { gain: -0.4, loss: 3.4 },
  SimCLR: { gain: -1, loss: 5.3 },
} as const;

/** Four methods, each without and with SSQL, over three seeds; SSQL is ahead for the first. */
export function methodRuns(seeds: readonly number[] = [1, 2, 3]): readonly RunRecord[] {
  return Object.entries(METHODS).flatMap(([method, { gain, loss }]) =>
    (['none', 'ssql'] as const).flatMap((wrap) =>
      seeds.map((seed): RunRecord => {
        const run = makeRun({ wrap, seed });
        const plain = makeRun({ wrap: 'none', seed });
        const evaluations = run.evaluations.map((evaluation, index) => {
          const baseline = plain.evaluations[index]!.value;
          const chance = ((seed * 7 + index * 3 + method.length) % 5) - 2;
          return {
            ...evaluation,
            value: wrap === 'none' ? baseline : baseline + gain * (evaluation.value - baseline) + 0.3 * chance,
          };
        });
        const named = (text: string): string => text.replace('SimSiam', method);
        return {
          ...run,
          cell: { method: { use: method.toLowerCase(), with: { dim: 128 } }, ...run.cell },
          label: named(run.label),
          group: named(run.group),
          pipeline: run.pipeline.replace('simsiam', method.toLowerCase()),
          metrics: run.metrics.map((step) => ({
            ...step,
            loss: step.loss + loss,
            parts: Object.fromEntries(Object.entries(step.parts).map(([name, value]) => [name, value + loss])),
          })),
          evaluations,
        };
      }),
    ),
  );
}

/** SSQL with several sets of bits, over the seeds: a matrix without an axis of wrappers. */
export function bitsRuns(seeds: readonly number[] = [1, 2, 3]): readonly RunRecord[] {
  return [
    [2, 3, 4],
    [2, 4, 8],
    [4, 6, 8],
  ].flatMap((bits, position) =>
    seeds.map((seed): RunRecord => {
      const run = makeRun({ wrap: 'ssql', seed });
      const group = `bits ${bits.join(',')}`;
      return {
        ...run,
        cell: { 'quantization.weights.bits': bits, seed },
        label: `${group} seed ${seed}`,
        group,
        evaluations: run.evaluations.map((evaluation, index) => ({
          ...evaluation,
          value: evaluation.value - position * (100 - evaluation.value) * 0.4 + ((seed + index) % 3) * 0.2,
        })),
      };
    }),
  );
}
