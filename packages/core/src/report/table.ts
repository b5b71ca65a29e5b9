import type { RunRecord } from '../kinds/run-record.js';
import { differenceRows, pairsNote } from './differences.js';
import { differenceNumber, summaryNumber } from './numbers.js';
import { printable } from '../printable.js';
import { metricText, resultPanels, type ResultPanel } from './result-panels.js';
import { groupRuns } from './group-runs.js';
import { comparisons, type RunGroup } from './run-groups.js';
import { sideBySide } from './side-by-side.js';

/**
 * The results as plain text for a terminal: a column per precision, a row per stage, classifier and run; means over seeds. Below them the
 * differences of runs that are compared, with their intervals.
 */
export function renderTable(runs: readonly RunRecord[]): string {
  const groups = groupRuns(runs);
  const panels = resultPanels(groups);
  if (panels.length === 0) return 'Nothing was evaluated.\n';
  const precisions = sideBySide(panels.flatMap((panel) => panel.precisions));
  const body = panels.map((panel) => resultLines(panel, precisions));
  const results = align([['stage', 'classifier', 'run', ...precisions], ...body.flat()]);
  const differences = differenceLines(panels, groups, precisions);
  return [...results, note(panels, groups), ...differences].join('\n') + '\n';
}

function resultLines(panel: ResultPanel, precisions: readonly string[]): string[][] {
  return panel.rows.map(({ group, cells }) => [
    ...headOf(panel),
    group.label,
    ...precisions.map((precision) => {
      const summary = cells.get(precision);
      return summary === undefined ? '' : summaryNumber(summary, panel.percent);
    }),
  ]);
}

function differenceLines(
  panels: readonly ResultPanel[],
  groups: readonly RunGroup[],
  precisions: readonly string[],
): string[] {
  const compared = comparisons(groups);
  const rows = panels.flatMap((panel) => differenceRows(panel, compared).map((row) => ({ panel, row })));
  if (rows.length === 0) return [];
  const lines = rows.map(({ panel, row: { group, baseline, cells } }) => [
    ...headOf(panel),
    `${group.label} - ${baseline.label}`,
    ...precisions.map((precision) => {
      const difference = cells.get(precision);
      return difference === undefined ? '' : differenceNumber(difference, panel.percent);
    }),
  ]);
  const table = align([['stage', 'classifier', 'difference', ...precisions], ...lines]);
  return ['', ...table, pairsNote(rows.map(({ row }) => row))];
}

function headOf({ stage, metric, percent, classifier }: ResultPanel): [stage: string, classifier: string] {
  return [percent ? stage : `${stage} ${metric}`, classifier];
}

function note(panels: readonly ResultPanel[], groups: readonly RunGroup[]): string {
  const metrics = [...new Set(panels.map(metricText))].join(', ');
  const seeds = Math.max(...groups.map(({ runs }) => runs.length));
  return seeds > 1 ? `${metrics}; mean ± standard deviation of ${seeds} seeds` : metrics;
}

/** Aligns text left and numbers right. */
function align(texts: readonly (readonly string[])[]): string[] {
  const rows = texts.map((row) => row.map(printable));
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((text, column) => (column < 3 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
