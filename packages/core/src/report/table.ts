import type { RunRecord } from '../kinds/run-record.js';
import { signedDifference, summaryNumber } from './numbers.js';
import { resultPanels, type ResultPanel } from './result-panels.js';
import { comparisons, groupRuns, type RunGroup } from './run-groups.js';
import { sideBySide } from './side-by-side.js';

/** The results as plain text for a terminal: a column per precision, a row per stage, classifier and run; means over seeds. */
export function renderTable(runs: readonly RunRecord[]): string {
  const groups = groupRuns(runs);
  const panels = resultPanels(groups);
  if (panels.length === 0) return 'Nothing was evaluated.\n';
  const precisions = sideBySide(panels.flatMap((panel) => panel.precisions));
  const body = panels.map((panel) => panelLines(panel, groups, precisions));
  const lines = align([['stage', 'classifier', 'run', ...precisions], ...body.flat()]);
  return [...lines, note(panels, groups)].join('\n') + '\n';
}

function panelLines(panel: ResultPanel, groups: readonly RunGroup[], precisions: readonly string[]): string[][] {
  const cellsOf = (group: RunGroup): ResultPanel['rows'][number]['cells'] | undefined =>
    panel.rows.find((row) => row.group === group)?.cells;
  const results = panel.rows.map(({ group, cells }) => [
    panel.percent ? panel.stage : `${panel.stage} ${panel.metric}`,
    panel.classifier,
    group.label,
    ...precisions.map((precision) => {
      const summary = cells.get(precision);
      return summary === undefined ? '' : summaryNumber(summary, panel.percent);
    }),
  ]);
  const differences = comparisons(groups).map(({ group, baseline }) => [
    '',
    '',
    `${group.label} - ${baseline.label}`,
    ...precisions.map((precision) => {
      const ours = cellsOf(group)?.get(precision);
      const theirs = cellsOf(baseline)?.get(precision);
      return ours && theirs ? signedDifference(ours.mean, theirs.mean, panel.percent ? 1 : 4) : '';
    }),
  ]);
  return [...results, ...differences];
}

function note(panels: readonly ResultPanel[], groups: readonly RunGroup[]): string {
  const metrics = [...new Set(panels.map(({ metric, percent }) => (percent ? `${metric} in %` : metric)))].join(', ');
  const seeds = Math.max(...groups.map(({ runs }) => runs.length));
  return seeds > 1 ? `${metrics}; mean ± standard deviation of ${seeds} seeds` : metrics;
}

/** Aligns text left and numbers right. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((text, column) => (column < 3 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
