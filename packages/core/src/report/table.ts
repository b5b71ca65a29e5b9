import type { RunRecord } from '../kinds/run-record.js';
import { differenceRows, pairsNote } from './differences.js';
import { differenceNumber, summaryNumber } from './numbers.js';
import { metricText, resultPanels, type ResultPanel } from './result-panels.js';
import { groupRuns } from './group-runs.js';
import { comparisons, type RunGroup } from './run-groups.js';
import { sideBySide } from './side-by-side.js';
import { textTable, type TextRow } from './text-table.js';

/**
 * The results as plain text for a terminal: a column per precision, a row per stage, classifier and run; means over seeds. Below them the
 * differences of runs that are compared, with their intervals.
 * @param columns the width of the terminal; default: no limit
 */
export function renderTable(runs: readonly RunRecord[], columns = Infinity): string {
  const groups = groupRuns(runs);
  const panels = resultPanels(groups);
  if (panels.length === 0) return 'Nothing was evaluated.\n';
  const precisions = sideBySide(panels.flatMap((panel) => panel.precisions));
  const rows = panels.flatMap((panel) => resultRows(panel, precisions));
  const results = textTable('run', precisions, rows, columns);
  const differences = differenceLines(panels, groups, precisions, columns);
  return [...results, note(panels, groups), ...differences].join('\n') + '\n';
}

function resultRows(panel: ResultPanel, precisions: readonly string[]): TextRow[] {
  return panel.rows.map(({ group, cells }) => ({
    ...headOf(panel),
    run: group.label,
    numbers: precisions.map((precision) => {
      const summary = cells.get(precision);
      return summary === undefined ? '' : summaryNumber(summary, panel.percent);
    }),
  }));
}

function differenceLines(
  panels: readonly ResultPanel[],
  groups: readonly RunGroup[],
  precisions: readonly string[],
  columns: number,
): readonly string[] {
  const compared = comparisons(groups);
  const rows = panels.flatMap((panel) => differenceRows(panel, compared).map((row) => ({ panel, row })));
  if (rows.length === 0) return [];
  const lines = rows.map(({ panel, row: { group, baseline, cells } }) => ({
    ...headOf(panel),
    run: `${group.label} - ${baseline.label}`,
    numbers: precisions.map((precision) => {
      const difference = cells.get(precision);
      return difference === undefined ? '' : differenceNumber(difference, panel.percent);
    }),
  }));
  const table = textTable('difference', precisions, lines, columns);
  return ['', ...table, pairsNote(rows.map(({ row }) => row))];
}

function headOf({ stage, metric, percent, classifier }: ResultPanel): Pick<TextRow, 'stage' | 'classifier'> {
  return { stage: percent ? stage : `${stage} ${metric}`, classifier };
}

function note(panels: readonly ResultPanel[], groups: readonly RunGroup[]): string {
  const metrics = [...new Set(panels.map(metricText))].join(', ');
  const seeds = Math.max(...groups.map(({ runs }) => runs.length));
  return seeds > 1 ? `${metrics}; mean ± standard deviation of ${seeds} seeds` : metrics;
}
