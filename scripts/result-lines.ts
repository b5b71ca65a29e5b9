import {
  summarizeDifferences,
  type DifferenceRow,
  type PairedDifference,
} from '../packages/core/src/report/differences.js';
import { differenceNumber } from '../packages/core/src/report/numbers.js';
import type { ResultPanel } from '../packages/core/src/report/result-panels.js';

/** A line for each group of runs: the means over its seeds. */
export function meanLines({ precisions, rows, percent }: ResultPanel): string[][] {
  return rows.map(({ group, cells }) => [
    group.label,
    ...precisions.map((precision) => cells.get(precision)?.mean.toFixed(percent ? 2 : 4) ?? ''),
  ]);
}

/** A line for each comparison: the mean of its pairs, and the interval. */
export function differenceLines({ precisions, percent }: ResultPanel, rows: readonly DifferenceRow[]): string[][] {
  return rows.map((row) => [nameOf(row), ...precisions.map((precision) => write(row.cells.get(precision), percent))]);
}

/** A line for each pair. */
export function seedLines({ precisions, percent }: ResultPanel, rows: readonly DifferenceRow[]): string[][] {
  return rows.flatMap((row) =>
    seedsOf([row]).map((seed) => [
      `${nameOf(row)}, ${seed}`,
      ...precisions.map((precision) => {
        const value = valueOf(row, precision, seed);
        return value === undefined ? '' : write(summarizeDifferences([{ seed, value }]), percent);
      }),
    ]),
  );
}

/**
 * The mean over the comparisons, and its interval: first the mean for each seed, then over the seeds, because pairs with one seed share their
 * images and their order.
 */
export function averageLine({ precisions, percent }: ResultPanel, rows: readonly DifferenceRow[]): string[] {
  const cells = precisions.map((precision) => {
    const values = seedsOf(rows).flatMap((seed) => {
      const each = rows.map((row) => valueOf(row, precision, seed)).filter((value) => value !== undefined);
      const sum = each.reduce((total, value) => total + value, 0);
      return each.length < rows.length ? [] : [{ seed, value: sum / each.length }];
    });
    return values.length === 0 ? '' : write(summarizeDifferences(values), percent);
  });
  return [`mean of these ${rows.length} differences`, ...cells];
}

function nameOf({ group, baseline }: DifferenceRow): string {
  return `${group.label} − ${baseline.label}`;
}

function seedsOf(rows: readonly DifferenceRow[]): readonly string[] {
  const values = rows.flatMap(({ cells }) => [...cells.values()].flatMap((cell) => cell.values));
  return [...new Set(values.map(({ seed }) => seed))];
}

function valueOf({ cells }: DifferenceRow, precision: string, seed: string): number | undefined {
  return cells.get(precision)?.values.find((value) => value.seed === seed)?.value;
}

function write(difference: PairedDifference | undefined, percent: boolean): string {
  return difference === undefined ? '' : differenceNumber(difference, percent);
}
