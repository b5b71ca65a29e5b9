import type { Chart, Panel } from '../chart.js';
import { HOVER } from '../chart.js';
import { transpose, type DataTable } from '../data-table.js';
import { differenceRows, pairsNote, verdictOn, type DifferenceRow } from '../differences.js';
import { figure } from '../figure.js';
import { groupBy } from '../group-by.js';
import type { Markup } from '../html.js';
import { differenceNumber, typeset } from '../numbers.js';
import { differenceCell } from '../result-cells.js';
import { nameOfDifferences, type ResultPanel } from '../result-panels.js';
import { comparisons, panelsOf, type RunGroup } from '../run-groups.js';
import { colourOf, shapeOf } from '../swatch.js';

/** Pixels between the lines of two comparisons in a precision's row. */
const PITCH = 12;

/** The differences of the runs that are compared, with their intervals: a small chart for each panel; nothing without a pair. */
export async function differenceFigure(panel: ResultPanel, groups: readonly RunGroup[]): Promise<readonly Markup[]> {
  const rows = differenceRows(panel, comparisons(groups));
  if (rows.length === 0) return [];
  const several = panelsOf(groups).size > 1;
  const domain = domainOf(rows);
  const panels = [...groupBy(rows, ({ group }) => group.panel)].map(([title, members]): Panel => ({
    title: several ? title : '',
    chart: (width) => chart(panel, members, domain, width),
  }));
  return [
    await figure({
      title: nameOfDifferences(panel),
      note: noteOn(rows),
      description: `Chart of differences by precision. ${rows.map((row) => describe(row, panel)).join('. ')}.`,
      panels,
      groups: rows.map(({ group }) => group),
      wide: true,
      table: several ? transpose(table(panel, rows), 'difference') : table(panel, rows),
    }),
  ];
}

function chart(
  { precisions, percent }: ResultPanel,
  rows: readonly DifferenceRow[],
  domain: readonly [low: number, high: number],
  width: number,
): Chart {
  const reach = (PITCH * (rows.length - 1)) / 2 || 1;
  const clamp = (value: number): number => Math.min(domain[1], Math.max(domain[0], value));
  const points = rows.flatMap((row, index) =>
    [...row.cells].map(([precision, difference]) => ({
      precision,
      run: row.group.label,
      offset: PITCH * (index - (rows.length - 1) / 2),
      mean: difference.mean,
      low: clamp(difference.mean - (difference.margin ?? 0)),
      high: clamp(difference.mean + (difference.margin ?? 0)),
      clear: ['ahead', 'behind'].includes(verdictOn(difference)),
      hover: `${nameOf(row)}, ${precision}: ${typeset(differenceNumber(difference, percent))}`,
      values: difference.values,
    })),
  );
  const pairs = points.flatMap(({ values, ...point }) =>
    values.length < 2
      ? []
      : values.map(({ seed, value }) => ({
          ...point,
          value,
          hover: `${seed}: ${typeset(differenceNumber({ mean: value, margin: undefined, values: [] }, percent))}`,
        })),
  );
  const left = 12 + 7 * Math.max(...precisions.map(({ length }) => length));
  const row = {
    y: {
      field: 'precision',
      type: 'nominal' as const,
      sort: null,
      scale: { type: 'point' as const, padding: 0.5, domain: [...precisions] },
      axis: { title: null, domain: false, ticks: false, grid: true },
    },
    yOffset: {
      field: 'offset',
      type: 'quantitative' as const,
      scale: { domain: [-reach, reach], range: [-reach, reach] },
    },
  };
  const x = {
    type: 'quantitative' as const,
    scale: { domain: [...domain], nice: false },
    axis: {
      title: percent ? 'difference in points' : 'difference',
      domain: false,
      grid: false,
      tickCount: Math.floor((width - left) / 75),
      labelExpr: "replace(datum.value > 0 ? '+' + datum.label : datum.label, '-', '−')",
    },
  };
  const color = {
    field: 'run',
    type: 'nominal' as const,
    legend: null,
    scale: { domain: rows.map(({ group }) => group.label), range: rows.map(({ group }) => colourOf(group)) },
  };
  const shape = { ...color, scale: { domain: color.scale.domain, range: rows.map(({ group }) => shapeOf(group)) } };
  const dots = (clear: boolean): Chart['layer'][number] => ({
    data: { values: points.filter((point) => point.clear === clear) },
    mark: {
      type: 'point',
      size: 64,
      strokeWidth: 2,
      opacity: 1,
      ...(clear ? { filled: true } : { fill: 'var(--paper)' }),
    },
    encoding: { ...row, x: { ...x, field: 'mean' }, color, shape, ...HOVER },
  });
  return {
    width,
    height: 52 + precisions.length * Math.max(26, PITCH * rows.length + 8),
    margin: { top: 6, right: 18, bottom: 46, left },
    layer: [
      {
        data: { values: [{ zero: 0 }] },
        mark: { type: 'rule', color: 'var(--axis)' },
        encoding: { x: { ...x, field: 'zero' } },
      },
      {
        data: { values: points.filter(({ low, high }) => low < high) },
        mark: { type: 'rule', strokeWidth: 2 },
        encoding: { ...row, x: { ...x, field: 'low' }, x2: { field: 'high' }, color, ...HOVER },
      },
      {
        data: { values: pairs },
        mark: { type: 'tick', thickness: 1.5, size: 10, opacity: 0.7 },
        encoding: { ...row, x: { ...x, field: 'value' }, color, ...HOVER },
      },
      dots(true),
      dots(false),
    ],
  };
}

/** Holds zero, all means and all pairs; wider intervals, which few pairs have, end at the edge. */
function domainOf(rows: readonly DifferenceRow[]): readonly [low: number, high: number] {
  const cells = rows.flatMap((row) => [...row.cells.values()]);
  const values = cells.flatMap(({ mean, values }) => [mean, ...values.map(({ value }) => value)]);
  const largest = Math.max(...values.map(Math.abs)) || 1;
  const ends = cells.flatMap(({ mean, margin = 0 }) => [mean - margin, mean + margin]);
  const low = Math.max(Math.min(0, ...values, ...ends), -1.5 * largest);
  const high = Math.min(Math.max(0, ...values, ...ends), 1.5 * largest);
  const space = 0.06 * (high - low);
  return [low - space, high + space];
}

function table(panel: ResultPanel, rows: readonly DifferenceRow[]): DataTable {
  const unclear = rows.some(({ cells }) => [...cells.values()].some((cell) => verdictOn(cell) === 'unclear'));
  return {
    caption: `differences${panel.percent ? ' in points' : ''}: ${pairsNote(rows)}${unclear ? '; grey if the interval contains zero' : ''}`,
    corner: 'precision',
    columns: rows.map((row) => ({ label: nameOf(row), difference: true })),
    rows: panel.precisions.map((precision) => ({
      name: { label: precision },
      cells: rows.map(({ cells }) => differenceCell(cells.get(precision), panel.percent)),
    })),
  };
}

function nameOf({ group, baseline }: DifferenceRow): string {
  return `${group.label} − ${baseline.label}`;
}

function describe(row: DifferenceRow, { percent }: ResultPanel): string {
  return `${nameOf(row)}: ${[...row.cells].map(([precision, difference]) => `${precision} ${differenceNumber(difference, percent)}`).join(', ')}`;
}

function noteOn(rows: readonly DifferenceRow[]): string {
  const cells = rows.flatMap((row) => [...row.cells.values()]);
  if (cells.every(({ margin }) => margin === undefined)) return 'One pair of runs: no interval.';
  return 'Bars: 95% intervals. Small lines: pairs of runs with equal seeds. Hollow: the interval contains zero, or there is none.';
}
