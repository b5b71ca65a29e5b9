import { evaluationKey } from '../../artifact/distinct-evaluations.js';
import type { Evaluation, RunRecord } from '../../kinds/run-record.js';
import { groupBy } from '../group-by.js';
import type { Markup } from '../html.js';
import type { RunGroup } from '../run-groups.js';
import { curveFigure, mean, type Curve } from './curves.js';

/** Results of the monitor over epochs: a small figure for each stage, classifier, metric and precision. */
export async function monitorFigures(groups: readonly RunGroup[]): Promise<readonly Markup[]> {
  const points = groups.flatMap(({ runs }) => runs.flatMap(pointsOf));
  const kinds = new Map(points.map(({ evaluation }) => [evaluationKey(evaluation), evaluation]));
  return Promise.all(
    [...kinds].map(([key, evaluation]) =>
      curveFigure({
        title: titleOf(evaluation),
        note: 'Measured on the weights at each marked epoch.',
        curves: curves(groups, key),
        marked: true,
      }),
    ),
  );
}

function titleOf({ stage, precision, classifier, metric }: Evaluation): string {
  const accuracy = /accuracy$/.test(metric);
  const how = accuracy && classifier === 'float' ? ' with the float classifier' : '';
  return `${stage}${how}, ${precision}: ${metric}${accuracy ? ' in %' : ''}`;
}

/** Means over the seeds. */
function curves(groups: readonly RunGroup[], key: string): readonly Curve[] {
  return groups
    .map((group) => {
      const measured = group.runs.flatMap(pointsOf).filter(({ evaluation }) => evaluationKey(evaluation) === key);
      const points = [...groupBy(measured, ({ epoch }) => epoch)].map(([epoch, members]) => ({
        epoch,
        value: mean(members.map(({ evaluation }) => evaluation.value)),
      }));
      return { group, points: points.toSorted((a, b) => a.epoch - b.epoch) };
    })
    .filter(({ points }) => points.length > 0);
}

function pointsOf({ monitored }: RunRecord): readonly { readonly epoch: number; readonly evaluation: Evaluation }[] {
  return monitored.flatMap(({ epochs, evaluations }) =>
    evaluations.filter(({ value }) => Number.isFinite(value)).map((evaluation) => ({ epoch: epochs, evaluation })),
  );
}
