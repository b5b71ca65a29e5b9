import type { Evaluation } from '../kinds/run-record.js';
import { groupBy } from './group-by.js';
import { seedOf, type RunGroup } from './run-groups.js';
import { sideBySide } from './side-by-side.js';

/** The results of one stage, classifier and metric, shown in one chart and one table. */
export interface ResultPanel {
  readonly stage: string;
  readonly classifier: Evaluation['classifier'];
  readonly metric: string;
  /** In the pipeline's order, calibrations of a precision side by side. */
  readonly precisions: readonly string[];
  /** Whether the values are percentages, as accuracies are. */
  readonly percent: boolean;
  readonly rows: readonly ResultRow[];
}

export interface ResultRow {
  readonly group: RunGroup;
  readonly cells: ReadonlyMap<string, Summary>;
}

/** The result of a run, and the run's seed as `seedOf` writes it. */
export interface SeedValue {
  readonly seed: string;
  readonly value: number;
}

/** A result over the seeds of a group. */
export interface Summary {
  readonly mean: number;
  /** Sample standard deviation; undefined for one seed. */
  readonly deviation: number | undefined;
  /** The value of each run. */
  readonly values: readonly SeedValue[];
}

export function resultPanels(groups: readonly RunGroup[]): readonly ResultPanel[] {
  const evaluations = groups
    .flatMap((group) => group.runs.flatMap((run) => run.evaluations))
    .filter(({ value }) => Number.isFinite(value));
  return [...groupBy(evaluations, panelKey).values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const { stage, classifier, metric } = first;
    const percent = isPercent(metric);
    const precisions = sideBySide(members.map(({ precision }) => precision));
    const rows = groups.map((group) => ({ group, cells: cellsOf(group, first, precisions) }));
    return [{ stage, classifier, metric, precisions, percent, rows: rows.filter(({ cells }) => cells.size > 0) }];
  });
}

/** `probe with the float classifier: accuracy in %`. */
export function nameOfMetric({
  stage,
  classifier,
  metric,
}: Pick<Evaluation, 'stage' | 'classifier' | 'metric'>): string {
  const percent = isPercent(metric);
  return `${nameOfStage(stage, classifier, percent)}: ${metricText({ metric, percent })}`;
}

/** `probe: differences of accuracy in points`. */
export function nameOfDifferences({ stage, classifier, metric, percent }: ResultPanel): string {
  return `${nameOfStage(stage, classifier, percent)}: differences of ${metric}${percent ? ' in points' : ''}`;
}

function nameOfStage(stage: string, classifier: Evaluation['classifier'], percent: boolean): string {
  return percent && classifier === 'float' ? `${stage} with the float classifier` : stage;
}

/** `accuracy in %`. */
export function metricText({ metric, percent }: Pick<ResultPanel, 'metric' | 'percent'>): string {
  return percent ? `${metric} in %` : metric;
}

/** Accuracies are percentages. */
export function isPercent(metric: string): boolean {
  return metric.endsWith('accuracy');
}

function summarize(values: readonly SeedValue[]): Summary {
  const mean = values.reduce((sum, { value }) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, { value }) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : undefined, values };
}

function cellsOf(group: RunGroup, like: Evaluation, precisions: readonly string[]): ReadonlyMap<string, Summary> {
  return new Map(
    precisions.flatMap((precision): [string, Summary][] => {
      const values = group.runs.flatMap((run): SeedValue[] => {
        // A stage that ran again recorded again: the last record counts.
        const latest = run.evaluations.findLast(
          (candidate) =>
            panelKey(candidate) === panelKey(like) &&
            candidate.precision === precision &&
            Number.isFinite(candidate.value),
        );
        return latest === undefined ? [] : [{ seed: seedOf(run), value: latest.value }];
      });
      return values.length > 0 ? [[precision, summarize(values)]] : [];
    }),
  );
}

function panelKey({ stage, classifier, metric }: Evaluation): string {
  return JSON.stringify([stage, classifier, metric]);
}
