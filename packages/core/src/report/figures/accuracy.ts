import { HOVER, TITLE_AT, type Chart, type Panel } from '../chart.js';
import { transpose, type DataTable } from '../data-table.js';
import { figure } from '../figure.js';
import type { Markup } from '../html.js';
import { plainNumber, significant, summaryNumber } from '../numbers.js';
import { summaryCell } from '../result-cells.js';
import { metricText, nameOfMetric, type ResultPanel } from '../result-panels.js';
import { panelsOf, type RunGroup } from '../run-groups.js';
import { colourOf, shapeOf } from '../swatch.js';

/** The results of each run by precision: a small chart for each panel, and a table. */
export async function accuracyFigure(panel: ResultPanel): Promise<Markup> {
  const groups = panel.rows.map(({ group }) => group);
  const seeds = groups.some(({ runs }) => runs.length > 1);
  const results = table(panel);
  const charts = accuracyPanels(panel);
  return figure({
    title: nameOfMetric(panel),
    note: noteOn(panel) + (seeds ? ' Bars: ± one standard deviation over seeds.' : ''),
    description: describe(panel),
    panels: charts,
    groups,
    wide: true,
    table: charts.length > 1 ? transpose(results, 'run') : results,
  });
}

function noteOn({ percent, classifier }: ResultPanel): string {
  if (!percent) return 'Measured on the float and the quantized network.';
  return classifier === 'matched'
    ? 'The classifier was fitted and tested at the same precision.'
    : 'The classifier was fitted on float features and tested at each precision.';
}

/** A chart for each panel of groups, with the same scale. */
export function accuracyPanels(panel: ResultPanel, height?: number): readonly Panel[] {
  const panels = [...panelsOf(panel.rows.map(({ group }) => group))];
  const domain = domainOf(panel);
  return panels.map(([title, groups]) => ({
    title: panels.length > 1 ? title : '',
    chart: (width) => chart(panel, groups, domain, { width, height: height ?? (width > 500 ? 340 : 260) }),
  }));
}

/** Results by precision: a mark for each group of runs, beside each other. */
function chart(
  panel: ResultPanel,
  groups: readonly RunGroup[],
  domain: readonly [low: number, high: number],
  size: Pick<Chart, 'width' | 'height'>,
): Chart {
  const rows = panel.rows.filter(({ group }) => groups.includes(group));
  const margin = { top: 12, right: 12, bottom: 46, left: 52 };
  const room = (size.width - margin.left - margin.right) / panel.precisions.length;
  const crowded = room < 38;
  const pitch = Math.min(12, (0.7 * room) / groups.length);
  const reach = (pitch * (groups.length - 1)) / 2 || 1;
  const values = rows.flatMap(({ group, cells }, index) =>
    [...cells].map(([precision, summary]) => ({
      precision,
      run: group.label,
      offset: pitch * (index - (groups.length - 1) / 2),
      mean: summary.mean,
      low: summary.mean - (summary.deviation ?? 0),
      high: summary.mean + (summary.deviation ?? 0),
      hover: `${group.label}, ${precision}: ${summaryNumber(summary, panel.percent)}`,
    })),
  );
  const run = { field: 'run', type: 'nominal', legend: null } as const;
  const labels = groups.map(({ label }) => label);
  const color = { ...run, scale: { domain: labels, range: groups.map(colourOf) } };
  const column = {
    x: {
      field: 'precision',
      type: 'nominal' as const,
      sort: null,
      scale: { type: 'point' as const, padding: 0.5, domain: [...panel.precisions] },
      axis: { title: 'precision', labelAngle: crowded ? -45 : 0, grid: false },
    },
    xOffset: {
      field: 'offset',
      type: 'quantitative' as const,
      scale: { domain: [-reach, reach], range: [-reach, reach] },
    },
  };
  const y = {
    type: 'quantitative' as const,
    scale: { domain: [...domain], zero: false, nice: false },
    axis: {
      title: metricText(panel),
      tickCount: 6,
      domain: false,
      ticks: false,
      titleX: TITLE_AT - margin.left,
    },
  };
  const longest = Math.max(...panel.precisions.map(({ length }) => length));
  return {
    ...size,
    margin: crowded ? { ...margin, bottom: 38 + 6 * longest } : margin,
    layer: [
      {
        data: { values: values.filter(({ low, high }) => low < high) },
        mark: { type: 'rule', strokeWidth: 1.5 },
        encoding: { ...column, y: { ...y, field: 'low' }, y2: { field: 'high' }, color, ...HOVER },
      },
      {
        data: { values },
        mark: { type: 'point', filled: true, size: room > 60 ? 70 : 45, opacity: 1 },
        encoding: {
          ...column,
          y: { ...y, field: 'mean' },
          color,
          shape: { ...run, scale: { domain: labels, range: groups.map(shapeOf) } },
          ...HOVER,
        },
      },
    ],
  };
}

/** Holds all means and their bars, with some space. */
function domainOf({ rows }: ResultPanel): readonly [low: number, high: number] {
  const cells = rows.flatMap((row) => [...row.cells.values()]);
  const low = Math.min(...cells.map(({ mean, deviation = 0 }) => mean - deviation));
  const high = Math.max(...cells.map(({ mean, deviation = 0 }) => mean + deviation));
  const space = 0.05 * (high - low) || Math.abs(high) * 0.05 || 1;
  return [low - space, high + space];
}

function table(panel: ResultPanel): DataTable {
  return {
    caption: nameOfMetric(panel),
    corner: 'precision',
    columns: panel.rows.map(({ group }) => ({ label: group.label, group })),
    rows: panel.precisions.map((precision) => ({
      name: { label: precision },
      cells: panel.rows.map(({ cells }) => summaryCell(cells.get(precision), panel.percent)),
    })),
  };
}

function describe(panel: ResultPanel): string {
  const series = panel.rows.map(
    ({ group, cells }) =>
      `${group.label}: ${[...cells].map(([precision, { mean }]) => `${precision} ${panel.percent ? plainNumber(mean) : significant(mean)}`).join(', ')}`,
  );
  return `Chart by precision. ${series.join('. ')}.`;
}
