import type { PrecisionCost, RunRecord } from '../../kinds/run-record.js';
import { HOVER, TITLE_AT, type Chart, type Panel } from '../chart.js';
import { transpose, type DataTable } from '../data-table.js';
import { figure } from '../figure.js';
import type { Markup } from '../html.js';
import { plainNumber, summaryNumber } from '../numbers.js';
import { freePlaces } from '../free-places.js';
import { summaryCell } from '../result-cells.js';
import { metricText, nameOfMetric, type ResultPanel } from '../result-panels.js';
import { panelsOf, type RunGroup } from '../run-groups.js';
import { colourOf, shapeOf } from '../swatch.js';

/** A cost and its names. */
interface CostKind {
  readonly title: string;
  readonly quantity: string;
  readonly read: (cost: PrecisionCost) => number;
}

const KINDS: readonly CostKind[] = [
  { title: 'bit operations', quantity: 'bit operations per image', read: ({ bops }) => bops },
  { title: 'size', quantity: 'bytes of the weights', read: ({ bytes }) => bytes },
];

/** A result of a group at a precision, with its cost. */
interface Point {
  readonly group: RunGroup;
  readonly precision: string;
  readonly cost: number;
  readonly value: number;
  readonly hover: string;
}

/** The accuracies of a panel against what they cost; nothing for runs without costs. */
export async function paretoFigures(panel: ResultPanel): Promise<readonly Markup[]> {
  const figures = KINDS.map(async (kind) => {
    const points = pointsOf(panel, kind);
    return new Set(points.map(({ cost }) => cost)).size < 2 ? [] : [await paretoFigure(panel, kind, points)];
  });
  return (await Promise.all(figures)).flat();
}

function paretoFigure(panel: ResultPanel, kind: CostKind, points: readonly Point[]): Promise<Markup> {
  const groups = panel.rows.map(({ group }) => group).filter((group) => points.some((point) => point.group === group));
  const panels = [...panelsOf(groups)];
  const results = table(panel, kind, groups);
  return figure({
    title: `${nameOfMetric(panel)} by ${kind.title}`,
    note: 'Lines: the best for at most that cost.',
    description: `Chart of ${panel.metric} against ${kind.quantity}. ${groups.map((group) => `${group.label}, best for at most each cost: ${frontOf(points, group).map(describe).join(', ')}`).join('. ')}.`,
    panels: panels.map(([title, members]): Panel => ({
      title: panels.length > 1 ? title : '',
      chart: (width) => chart(panel, kind, { all: points, members }, width),
    })),
    groups,
    table: panels.length > 1 ? transpose(results, 'run') : results,
  });
}

function pointsOf(panel: ResultPanel, { read, title }: CostKind): readonly Point[] {
  return panel.rows.flatMap(({ group, cells }) =>
    [...cells].flatMap(([precision, summary]) => {
      const cost = costOf(group.runs[0], precision);
      if (cost === undefined) return [];
      const hover = `${group.label}, ${precision}: ${summaryNumber(summary, panel.percent)}, ${short(read(cost))} ${title === 'size' ? 'bytes' : title}`;
      return [{ group, precision, cost: read(cost), value: summary.mean, hover }];
    }),
  );
}

/** Runs of a group differ in their seed only, so that their uniform precisions cost the same. */
function costOf(run: RunRecord | undefined, precision: string): PrecisionCost | undefined {
  return run?.assignments[precision]?.mixed ?? run?.costs[precision];
}

/** The points of a group that no cheaper or equally cheap one reaches, by cost. */
function frontOf(points: readonly Point[], group: RunGroup): readonly Point[] {
  const sorted = points
    .filter((point) => point.group === group)
    .toSorted((a, b) => a.cost - b.cost || b.value - a.value);
  return sorted.filter(({ value }, index) => sorted.slice(0, index).every((cheaper) => cheaper.value < value));
}

function chart(
  panel: ResultPanel,
  { quantity }: CostKind,
  { all, members }: { readonly all: readonly Point[]; readonly members: readonly RunGroup[] },
  width: number,
): Chart {
  const margin = { top: 18, right: 26, bottom: 46, left: 52 };
  const height = 240;
  const points = all.filter(({ group }) => members.includes(group));
  const [low, high] = extent(all.map(({ value }) => value));
  const [cheapest, dearest] = extent(all.map(({ cost }) => cost));
  const domain = {
    x: [cheapest / 1.3, dearest * 1.3] as const,
    y: [low - 0.06 * (high - low), high + 0.1 * (high - low)] as const,
  };
  const fronts = members.map((group) => frontOf(points, group));
  const place = ({ cost, value }: Point): { readonly x: number; readonly y: number } => ({
    x: (Math.log(cost / domain.x[0]) / Math.log(domain.x[1] / domain.x[0])) * (width - margin.left - margin.right),
    y: ((domain.y[1] - value) / (domain.y[1] - domain.y[0])) * (height - margin.top - margin.bottom),
  });
  const candidates = fronts
    .flat()
    .toSorted((a, b) => b.value - a.value)
    .map((point) => ({ ...point, ...place(point), text: point.precision }));
  const labels = freePlaces(candidates, points.map(place), width - margin.left - margin.right);
  const x = {
    field: 'cost',
    type: 'quantitative' as const,
    scale: { type: 'log' as const, domain: [...domain.x], nice: false },
    axis: { title: quantity, grid: false, values: [...ticks(domain.x)], format: '~s' },
  };
  const y = {
    field: 'value',
    type: 'quantitative' as const,
    scale: { domain: [...domain.y], zero: false, nice: false },
    axis: {
      title: metricText(panel),
      tickCount: 5,
      domain: false,
      ticks: false,
      titleX: TITLE_AT - margin.left,
    },
  };
  const named = (list: readonly Point[]): object[] =>
    list.map(({ group, ...point }) => ({ ...point, run: group.label }));
  const run = { field: 'run', type: 'nominal', legend: null } as const;
  const names = members.map(({ label }) => label);
  const color = { ...run, scale: { domain: names, range: members.map(colourOf) } };
  return {
    width,
    height,
    margin,
    layer: [
      {
        data: {
          values: fronts.flatMap((front) =>
            named([...front, ...front.slice(-1).map((last) => ({ ...last, cost: domain.x[1] }))]),
          ),
        },
        mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.5, opacity: 0.6 },
        encoding: { x, y, color },
      },
      {
        data: { values: named(points) },
        mark: { type: 'point', filled: true, size: 50, opacity: 1 },
        encoding: { x, y, color, shape: { ...run, scale: { domain: names, range: members.map(shapeOf) } }, ...HOVER },
      },
      {
        data: { values: named(labels) },
        mark: { type: 'text', dy: -10, fontSize: 11, color: 'var(--muted)' },
        encoding: { x, y, text: { field: 'text' } },
      },
    ],
  };
}

function table(panel: ResultPanel, { title, read }: CostKind, groups: readonly RunGroup[]): DataTable {
  const costs = groups.map((group) => panel.precisions.map((precision) => costOf(group.runs[0], precision)));
  const same = new Set(costs.map((list) => JSON.stringify(list))).size === 1;
  const listed = same ? costs.slice(0, 1) : costs;
  return {
    caption: `${nameOfMetric(panel)} and ${title} of the backbone`,
    corner: 'precision',
    columns: [
      ...listed.map((_, index) => ({ label: same ? title : `${title} of ${groups[index]!.label}` })),
      ...groups.map((group) => ({ label: group.label, group })),
    ],
    rows: panel.precisions.map((precision, index) => ({
      name: { label: precision },
      cells: [
        ...listed.map((list) => {
          const cost = list[index];
          return cost && { text: short(read(cost)), value: read(cost) };
        }),
        ...groups.map((group) => {
          const summary = panel.rows.find((row) => row.group === group)?.cells.get(precision);
          return summaryCell(summary, panel.percent);
        }),
      ],
    })),
  };
}

/** At most five round numbers in a domain. */
function ticks([low, high]: readonly [low: number, high: number]): readonly number[] {
  const round = Array.from({ length: 40 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();
  const inside = round.filter((value) => value >= low && value <= high);
  const every = Math.ceil(inside.length / 5);
  return inside.filter((_, index) => index % every === 0);
}

function extent(values: readonly number[]): readonly [low: number, high: number] {
  return [Math.min(...values), Math.max(...values)];
}

function describe({ precision, value, cost }: Point): string {
  return `${precision} ${plainNumber(value)} at ${short(cost)}`;
}

/** `73.5M` */
function short(value: number): string {
  return new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 }).format(value);
}
