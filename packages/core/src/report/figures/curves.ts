import { HOVER, TITLE_AT, type Chart, type Panel } from '../chart.js';
import { transpose, type DataTable } from '../data-table.js';
import { figure } from '../figure.js';
import type { Markup } from '../html.js';
import { significant, typeset } from '../numbers.js';
import type { RunGroup } from '../run-groups.js';
import { colourOf } from '../swatch.js';

/** A curve of a group over epochs. */
export interface Curve {
  readonly group: RunGroup;
  readonly points: readonly Point[];
}

interface Point {
  readonly epoch: number;
  readonly value: number;
}

/** A small chart of curves. */
export interface CurvePanel {
  readonly title: string;
  readonly curves: readonly Curve[];
}

export interface Curves {
  readonly title: string;
  readonly note: string;
  /** What the values are: the title of the axis. */
  readonly quantity: string;
  readonly panels: readonly CurvePanel[];
  /** Panels beside each other on a wide screen. */
  readonly across?: number;
  /** Whether all panels have one scale. */
  readonly sharedScale?: boolean;
  /** Whether to mark the points, if they are few. */
  readonly marked?: boolean;
}

/** Points of a curve that have a text under the pointer. */
const HOVERED = 40;

const MARGIN = { top: 10, right: 12, bottom: 42, left: 62 };

/** Line charts over epochs, and a table of each curve's first, last, lowest and highest value. */
export async function curveFigure(curves: Curves): Promise<Markup> {
  const { title, note, panels } = curves;
  const several = panels.length > 1;
  const drawn = panels.flatMap((panel) =>
    panel.curves.map(({ group, points }) => ({ group, panel: panel.title, ...ends(points) })),
  );
  const named = drawn.map(({ group, panel, first, last }) => {
    const name = panel.includes(',') ? `${group.label}${panel.slice(panel.lastIndexOf(','))}` : group.label;
    return { name, group, first, last };
  });
  const table: DataTable = {
    caption: title,
    corner: '',
    columns: named.map(({ name, group }) => ({ label: name, group })),
    rows: (['first', 'last', 'lowest', 'highest'] as const).map((name) => ({
      name: { label: name },
      cells: drawn.map((curve) => ({ text: typeset(significant(curve[name])), value: curve[name] })),
    })),
  };
  return figure({
    title,
    note,
    description: `Line chart over epochs. ${named.map(({ name, first, last }) => `${name}: from ${significant(first)} to ${significant(last)}`).join('. ')}.`,
    panels: curvePanels(curves),
    groups: drawn.map(({ group }) => group),
    ...(curves.across !== undefined && { across: curves.across }),
    table: several ? transpose(table, 'run') : table,
  });
}

/** The charts of the figure. */
export function curvePanels(curves: Curves): readonly Panel[] {
  const { panels } = curves;
  const domain = curves.sharedScale === true ? domainOf(panels.flatMap((panel) => panel.curves)) : undefined;
  return panels.map((panel) => ({
    title: panels.length > 1 ? panel.title : '',
    chart: (width) => chart(panel.curves, curves, domain ?? domainOf(panel.curves), width),
  }));
}

function chart(
  drawn: readonly Curve[],
  { quantity, marked = false }: Curves,
  domain: readonly [low: number, high: number],
  width: number,
): Chart {
  const values = drawn.flatMap(({ group, points }) =>
    points.map((point) => ({
      ...point,
      run: group.label,
      hover: `${group.label}, epoch ${significant(point.epoch)}: ${typeset(significant(point.value))}`,
    })),
  );
  const hovered = drawn.flatMap(({ group, points }) => {
    const every = Math.ceil(points.length / HOVERED);
    return values.filter(({ run }) => run === group.label).filter((_, index) => index % every === 0);
  });
  const encoding = {
    x: {
      field: 'epoch',
      type: 'quantitative' as const,
      scale: { nice: false, zero: false },
      axis: { title: 'epoch', tickCount: 6, grid: false },
    },
    y: {
      field: 'value',
      type: 'quantitative' as const,
      scale: { zero: false, domain: [...domain], nice: true },
      axis: {
        title: quantity,
        tickCount: 5,
        domain: false,
        ticks: false,
        format: '~g',
        titleX: TITLE_AT - MARGIN.left,
      },
    },
    color: {
      field: 'run',
      type: 'nominal' as const,
      legend: null,
      scale: { domain: drawn.map(({ group }) => group.label), range: drawn.map(({ group }) => colourOf(group)) },
    },
  };
  return {
    width,
    height: 220,
    margin: MARGIN,
    layer: [
      { data: { values }, mark: { type: 'line', strokeWidth: 1.5, point: marked && { size: 20 } }, encoding },
      {
        data: { values: hovered },
        mark: { type: 'point', size: 120, opacity: 0 },
        encoding: { ...encoding, ...HOVER },
      },
    ],
  };
}

function domainOf(curves: readonly Curve[]): readonly [low: number, high: number] {
  const values = curves.flatMap(({ points }) => points.map(({ value }) => value));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low < high ? [low, high] : [low - (Math.abs(low) * 0.05 || 1), high + (Math.abs(high) * 0.05 || 1)];
}

function ends(points: Curve['points']): { [K in 'first' | 'last' | 'lowest' | 'highest']: number } {
  const values = points.map(({ value }) => value);
  return {
    first: values[0] ?? NaN,
    last: values.at(-1) ?? NaN,
    lowest: Math.min(...values),
    highest: Math.max(...values),
  };
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
