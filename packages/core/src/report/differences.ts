import type { Evaluation, RunRecord } from '../kinds/run-record.js';
import { resultPanels, type ResultPanel, type SeedValue, type Summary } from './result-panels.js';
import { groupRuns } from './group-runs.js';
import { comparisons, type Comparison } from './run-groups.js';
import { studentQuantile } from './student-t.js';

const CONFIDENCE = 0.95;

/** The mean difference of pairs of runs with equal seeds. */
export interface PairedDifference {
  readonly mean: number;
  /** Half the width of the 95% interval, by Student's t; undefined for one pair. */
  readonly margin: number | undefined;
  /** The difference of each pair. */
  readonly values: readonly SeedValue[];
}

/** What an interval shows: a difference, none as far as these pairs can tell (it contains zero), or nothing without one. */
export type Verdict = 'ahead' | 'behind' | 'unclear' | 'no interval';

/** A comparison in a panel, by precision. */
export interface DifferenceRow extends Comparison {
  readonly cells: ReadonlyMap<string, PairedDifference>;
}

/** The comparisons that have a pair of runs in the panel. */
export function differenceRows(panel: ResultPanel, compared: readonly Comparison[]): readonly DifferenceRow[] {
  const cellsOf = (group: Comparison['group']): ReadonlyMap<string, Summary> | undefined =>
    panel.rows.find((row) => row.group === group)?.cells;
  const rows = compared.map(({ group, baseline }) => {
    const [ours, theirs] = [cellsOf(group), cellsOf(baseline)];
    const cells = panel.precisions.flatMap((precision): [string, PairedDifference][] => {
      const values = pair(ours?.get(precision)?.values ?? [], theirs?.get(precision)?.values ?? []);
      return values.length === 0 ? [] : [[precision, summarizeDifferences(values)]];
    });
    return { group, baseline, cells: new Map(cells) };
  });
  return rows.filter(({ cells }) => cells.size > 0);
}

/** The mean of at least one difference, and its interval. */
export function summarizeDifferences(values: readonly SeedValue[]): PairedDifference {
  const pairs = values.length;
  const mean = values.reduce((sum, { value }) => sum + value, 0) / pairs;
  if (pairs === 1) return { mean, margin: undefined, values };
  const squares = values.reduce((sum, { value }) => sum + (value - mean) ** 2, 0);
  const standardError = Math.sqrt(squares / (pairs - 1) / pairs);
  return { mean, margin: studentQuantile(CONFIDENCE, pairs - 1) * standardError, values };
}

export function verdictOn({ mean, margin }: PairedDifference): Verdict {
  if (margin === undefined) return 'no interval';
  if (Math.abs(mean) <= margin) return 'unclear';
  return mean > 0 ? 'ahead' : 'behind';
}

/** What the numbers of the rows are: `mean of 3 pairs of runs with equal seeds ± 95% interval (Student's t)`. */
export function pairsNote(rows: readonly DifferenceRow[]): string {
  const counts = rows.flatMap(({ cells }) => [...cells.values()].map(({ values }) => values.length));
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (most === 1) return 'one seed: no interval';
  const pairs = least === most ? most : `${least} to ${most}`;
  return `mean of ${pairs} pairs of runs with equal seeds ± 95% interval (Student's t)`;
}

/** A difference as `ssql run --json` prints it. */
export interface ListedDifference extends Omit<Evaluation, 'value'> {
  readonly group: string;
  readonly baseline: string;
  readonly mean: number;
  /** The 95% interval; omitted for one pair. */
  readonly interval?: readonly [low: number, high: number];
  readonly pairs: number;
}

/** All differences of the runs of a pipeline. */
export function listDifferences(runs: readonly RunRecord[]): readonly ListedDifference[] {
  const groups = groupRuns(runs);
  const compared = comparisons(groups);
  return resultPanels(groups).flatMap((panel) =>
    differenceRows(panel, compared).flatMap(({ group, baseline, cells }) =>
      [...cells].map(([precision, { mean, margin, values }]) => ({
        group: group.label,
        baseline: baseline.label,
        stage: panel.stage,
        precision,
        classifier: panel.classifier,
        metric: panel.metric,
        mean,
        ...(margin === undefined ? {} : { interval: [mean - margin, mean + margin] as const }),
        pairs: values.length,
      })),
    ),
  );
}

function pair(ours: readonly SeedValue[], theirs: readonly SeedValue[]): readonly SeedValue[] {
  return ours.flatMap(({ seed, value }) => {
    const their = theirs.find((candidate) => candidate.seed === seed);
    return their === undefined ? [] : [{ seed, value: value - their.value }];
  });
}
