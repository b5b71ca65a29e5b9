import { HOVER, type Chart, type Panel } from '../chart.js';
import type { Cell, DataTable, Row } from '../data-table.js';
import { figure } from '../figure.js';
import { groupBy } from '../group-by.js';
import type { Markup } from '../html.js';
import { significant, signedDifference, typeset } from '../numbers.js';
import { comparisons, type RunGroup } from '../run-groups.js';
import { colourOf } from '../swatch.js';
import { averageSpreads, medianOfLargest, type WeightSpread, type WeightUnit } from '../weight-spread.js';

interface GroupSpreads {
  readonly group: RunGroup;
  /** By layer, averaged over seeds. */
  readonly spreads: ReadonlyMap<string, WeightSpread>;
}

/** Pixels between the lines of two runs in a layer's row. */
const PITCH = 9;

/** How a figure shows weights in a unit. */
interface Scale {
  readonly unit: WeightUnit;
  readonly title: string;
  readonly note: string;
  /** The caption of the table. */
  readonly largest: string;
  /** Of the numbers in the table. */
  readonly digits: number;
  /** An expression for the labels of the axis. */
  readonly label: string;
}

const SCALES: readonly Scale[] = [
  {
    unit: 'one',
    title: 'Weights of each convolution',
    note: 'As in Figure 5 of the SSQL paper. Thick: the middle 50 %. Pale: 98 %. Thin: all weights, a range that a min–max quantizer divides into equal steps.',
    largest: 'Largest weight',
    digits: 3,
    label: 'datum.label',
  },
  {
    unit: 'deviation',
    title: 'Weights of each convolution, in standard deviations',
    note: 'The same, relative to the spread of each layer, because batch norms cancel the scale of a layer: a narrower thin line gives finer steps.',
    largest: 'Largest weight divided by the standard deviation',
    digits: 1,
    label: "datum.value === 0 ? '0' : datum.label + 'σ'",
  },
];

/**
 * The distributions of the weights of each convolution, for all runs: in the units of the weights, as in Figure 5 of the SSQL paper, and
 * in standard deviations.
 */
export async function weightFigures(groups: readonly RunGroup[]): Promise<readonly Markup[]> {
  return (await Promise.all(SCALES.map((scale) => weightFigure(groups, scale)))).flat();
}

async function weightFigure(groups: readonly RunGroup[], scale: Scale): Promise<readonly Markup[]> {
  const drawn = groups
    .map((group) => ({ group, spreads: averageSpreads(group.runs, scale.unit) }))
    .filter(({ spreads }) => spreads.size > 0);
  const layers = [...new Set(drawn.flatMap(({ spreads }) => [...spreads.keys()]))];
  if (layers.length === 0) return [];
  const medians = drawn.map(({ group, spreads }) => `${group.label} ${medianOfLargest(spreads).toFixed(scale.digits)}`);
  const split = [...groupBy(drawn, ({ group }) => group.panel)];
  return [
    await figure({
      title: scale.title,
      note: scale.note,
      description: `Box chart, a row per convolution. ${scale.largest}, median over layers: ${medians.join(', ')}.`,
      panels: split.map(([title, members]): Panel => ({
        title: split.length > 1 ? title : '',
        chart: (width) => chart(members, layers, scale, width),
      })),
      groups: drawn.map(({ group }) => group),
      wide: true,
      table: table(drawn, layers, scale, groups),
    }),
  ];
}

function chart(
  drawn: readonly GroupSpreads[],
  layers: readonly string[],
  { label, unit }: Scale,
  width: number,
): Chart {
  const left = Math.min(Math.max(...layers.map(({ length }) => length)) * 6.6 + 14, width * 0.45);
  const room = Math.floor((left - 14) / 6.6);
  const reach = (PITCH * (drawn.length - 1)) / 2 || 1;
  const rows = drawn.flatMap(({ group, spreads }, index) =>
    [...spreads.values()].map((spread) => ({
      ...spread,
      run: group.label,
      hover: `${group.label}, ${spread.layer}: from ${typeset(significant(spread.minimum))} to ${typeset(significant(spread.maximum))}`,
      offset: PITCH * (index - (drawn.length - 1) / 2),
    })),
  );
  const domain = drawn.map(({ group }) => group.label);
  const y = { field: 'layer', type: 'nominal', sort: null, scale: { type: 'point', padding: 0.5 } } as const;
  const axis = {
    title: unit === 'one' ? 'weight' : 'standard deviations',
    orient: 'top',
    domain: false,
    ticks: false,
    tickCount: Math.max(3, Math.floor((width - left) / 50)),
    labelFlush: false,
    labelExpr: label,
  };
  const encoding = (from: keyof WeightSpread, to: keyof WeightSpread): object => ({
    y: {
      ...y,
      // A name that is too wide is shortened to its end, which distinguishes layers.
      axis: {
        title: null,
        domain: false,
        ticks: false,
        labelExpr: `length(datum.label) > ${room} ? '…' + slice(datum.label, ${1 - room}) : datum.label`,
      },
    },
    yOffset: { field: 'offset', type: 'quantitative', scale: { domain: [-reach, reach], range: [-reach, reach] } },
    x: { field: from, type: 'quantitative', axis },
    x2: { field: to },
    color: {
      field: 'run',
      type: 'nominal',
      legend: null,
      scale: { domain, range: drawn.map(({ group }) => colourOf(group)) },
    },
    ...HOVER,
  });
  return {
    width,
    height: 54 + layers.length * Math.max(22, PITCH * drawn.length + 8),
    margin: { top: 46, right: 14, bottom: 4, left },
    layer: [
      { data: { values: rows }, mark: { type: 'rule', strokeWidth: 1.25 }, encoding: encoding('minimum', 'maximum') },
      {
        data: { values: rows },
        mark: { type: 'rule', strokeWidth: 6, opacity: 0.35 },
        encoding: encoding('low', 'high'),
      },
      {
        data: { values: rows },
        mark: { type: 'rule', strokeWidth: 6 },
        encoding: encoding('lowerQuartile', 'upperQuartile'),
      },
    ],
  };
}

function table(
  drawn: readonly GroupSpreads[],
  layers: readonly string[],
  { largest, digits }: Scale,
  groups: readonly RunGroup[],
): DataTable {
  const pairs = comparisons(groups).flatMap(({ group, baseline }) => {
    const [ours, theirs] = [group, baseline].map((compared) => drawn.find((other) => other.group === compared));
    return ours && theirs ? [{ ours, theirs }] : [];
  });
  const line = (name: string, read: (of: GroupSpreads) => number | undefined): Row => {
    const shown = drawn.map((of) => read(of)?.toFixed(digits));
    const best = Math.min(...shown.flatMap((text) => (text === undefined ? [] : [Number(text)])));
    const distinct = new Set(shown).size > 1;
    return {
      name: { label: name },
      cells: [
        ...drawn.map((of, index): Cell | undefined => {
          const [value, text] = [read(of), shown[index]];
          return value === undefined || text === undefined
            ? undefined
            : { text, value, best: distinct && Number(text) === best };
        }),
        ...pairs.map(({ ours, theirs }): Cell | undefined => {
          const [our, their] = [read(ours), read(theirs)];
          return our === undefined || their === undefined
            ? undefined
            : { text: typeset(signedDifference(our, their, digits)), value: our - their, muted: true };
        }),
      ],
    };
  };
  return {
    caption: `${largest}; smallest in bold`,
    corner: 'layer',
    columns: [
      ...drawn.map(({ group }) => ({ label: group.label, group })),
      ...pairs.map(({ ours, theirs }) => ({ label: `${ours.group.label} − ${theirs.group.label}`, difference: true })),
    ],
    rows: layers.map((layer) => line(layer, ({ spreads }) => spreads.get(layer)?.largest)),
    totals: [line('median', ({ spreads }) => medianOfLargest(spreads))],
    dense: true,
  };
}
