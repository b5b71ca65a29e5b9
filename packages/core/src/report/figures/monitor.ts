import type { Evaluation, RunRecord } from '../../kinds/run-record.js';
import { groupBy } from '../group-by.js';
import type { Markup } from '../html.js';
import { isPercent, nameOfMetric } from '../result-panels.js';
import { panelsOf, type RunGroup } from '../run-groups.js';
import { curveFigure, mean, type Curve, type Curves } from './curves.js';

/** Results of the monitor over epochs: a figure for each stage, classifier and metric, with a small chart for each precision. */
export async function monitorFigures(groups: readonly RunGroup[]): Promise<readonly Markup[]> {
  return Promise.all(monitorCurves(groups).map(curveFigure));
}

/** What `monitorFigures` draws. */
export function monitorCurves(groups: readonly RunGroup[]): readonly Curves[] {
  const measured = groups.flatMap(({ runs }) => runs.flatMap(pointsOf));
  const kinds = groupBy(measured, ({ evaluation }) => nameOfMetric(evaluation));
  return [...kinds].map(([title, points]) => {
    const precisions = [...new Set(points.map(({ evaluation }) => evaluation.precision))];
    const panels = [...panelsOf(groups).entries()].flatMap(([panel, members]) =>
      precisions.map((precision) => ({
        title: panelsOf(groups).size > 1 ? `${panel}, ${precision}` : precision,
        curves: curves(members, title, precision),
      })),
    );
    return {
      title,
      note: 'Measured on the weights at each marked epoch.',
      quantity: quantityOf(points[0]?.evaluation.metric ?? ''),
      across: Math.min(4, precisions.length),
      panels: panels.filter((panel) => panel.curves.length > 0),
      sharedScale: true,
      marked: true,
    };
  });
}

function quantityOf(metric: string): string {
  return isPercent(metric) ? `${metric} in %` : metric;
}

/** Means over the seeds. */
function curves(groups: readonly RunGroup[], title: string, precision: string): readonly Curve[] {
  return groups
    .map((group) => {
      const measured = group.runs
        .flatMap(pointsOf)
        .filter(({ evaluation }) => nameOfMetric(evaluation) === title && evaluation.precision === precision);
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
