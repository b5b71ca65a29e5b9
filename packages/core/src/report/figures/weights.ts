import { drawChart, type Chart } from '../chart.js';
import { figure, headCell, NARROW, WIDE } from '../figure.js';
import { groupBy } from '../group-by.js';
import { html, type Markup } from '../html.js';
import { plainNumber, signedDifference, typeset } from '../numbers.js';
import { comparisons, type RunGroup } from '../run-groups.js';
import { colourOf } from '../swatch.js';
import { weightSpreads, type WeightSpread } from '../weight-spread.js';

interface GroupSpreads {
  readonly group: RunGroup;
  /** By layer, averaged over seeds. */
  readonly spreads: ReadonlyMap<string, WeightSpread>;
}

/** Pixels between the lines of two runs in a layer's row. */
const PITCH = 9;

/** The distribution of the weights of each convolution, for all runs (Figure 5 of the SSQL paper). */
export async function weightFigure(groups: readonly RunGroup[]): Promise<readonly Markup[]> {
  const drawn = groups
    .map((group) => ({ group, spreads: averageSpreads(group) }))
    .filter(({ spreads }) => spreads.size > 0);
  const layers = [...new Set(drawn.flatMap(({ spreads }) => [...spreads.keys()]))];
  if (layers.length === 0) return [];
  const [wide, narrow] = await Promise.all([
    drawChart(chart(drawn, layers, WIDE)),
    drawChart(chart(drawn, layers, NARROW)),
  ]);
  const medians = drawn.map(({ group, spreads }) => `${group.label} ${plainNumber(median(spreads))}`);
  return [
    figure({
      title: 'Weights of each convolution, in standard deviations',
      note: 'Thick: the middle 50 %. Pale: 98 %. Thin: all weights. A min–max quantizer divides the thin line into equal steps: a narrower line gives finer steps.',
      description: `Box chart, a row per convolution. Largest weight divided by the standard deviation, median over layers: ${medians.join(', ')}.`,
      wide,
      narrow,
      table: table(drawn, layers, groups),
    }),
  ];
}

function chart(drawn: readonly GroupSpreads[], layers: readonly string[], width: number): Chart {
  const left = Math.min(Math.max(...layers.map(({ length }) => length)) * 6.6 + 14, width * 0.45);
  const reach = (PITCH * (drawn.length - 1)) / 2 || 1;
  const rows = drawn.flatMap(({ group, spreads }, index) =>
    [...spreads.values()].map((spread) => ({
      ...spread,
      layer: fit(spread.layer, left),
      run: group.label,
      offset: PITCH * (index - (drawn.length - 1) / 2),
    })),
  );
  const domain = drawn.map(({ group }) => group.label);
  const y = { field: 'layer', type: 'nominal', sort: null, scale: { type: 'point', padding: 0.5 } } as const;
  const axis = {
    title: null,
    orient: 'top',
    domain: false,
    ticks: false,
    tickCount: Math.floor((width - left) / 50),
    labelFlush: false,
    labelExpr: "datum.value === 0 ? '0' : datum.label + 'σ'",
  };
  const encoding = (from: keyof WeightSpread, to: keyof WeightSpread): object => ({
    y: { ...y, axis: { title: null, domain: false, ticks: false } },
    yOffset: { field: 'offset', type: 'quantitative', scale: { domain: [-reach, reach], range: [-reach, reach] } },
    x: { field: from, type: 'quantitative', axis },
    x2: { field: to },
    color: {
      field: 'run',
      type: 'nominal',
      legend: null,
      scale: { domain, range: drawn.map(({ group }) => colourOf(group)) },
    },
  });
  return {
    width,
    height: 34 + layers.length * Math.max(22, PITCH * drawn.length + 8),
    margin: { top: 26, right: 14, bottom: 4, left },
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

function table(drawn: readonly GroupSpreads[], layers: readonly string[], groups: readonly RunGroup[]): Markup {
  const pairs = comparisons(groups).flatMap(({ group, baseline }) => {
    const [ours, theirs] = [group, baseline].map((compared) => drawn.find((other) => other.group === compared));
    return ours && theirs ? [{ ours, theirs }] : [];
  });
  const line = (name: string, read: (of: GroupSpreads) => number | undefined): Markup => {
    const shown = drawn.map((of) => read(of)?.toFixed(1));
    const best = Math.min(...shown.flatMap((text) => (text === undefined ? [] : [Number(text)])));
    const distinct = new Set(shown).size > 1;
    return html`<tr>
      <th scope="row">${name}</th>
      ${shown.map(
        (text) => html`<td>${distinct && Number(text) === best ? html`<strong>${text}</strong>` : text}</td>`,
      )}${pairs.map(({ ours, theirs }) => {
        const [our, their] = [read(ours), read(theirs)];
        return html`<td class="difference">
          ${our === undefined || their === undefined ? '' : typeset(signedDifference(our, their))}
        </td>`;
      })}
    </tr>`;
  };
  return html`<table class="dense">
    <caption>
      Largest weight divided by the standard deviation; smallest in bold
    </caption>
    <thead>
      <tr>
        <th scope="col">layer</th>
        ${drawn.map(({ group }) => headCell(group))}${pairs.map(
          ({ ours, theirs }) =>
            html`<th scope="col" class="difference">${ours.group.label} − ${theirs.group.label}</th>`,
        )}
      </tr>
    </thead>
    <tbody>
      ${layers.map((layer) => line(layer, ({ spreads }) => spreads.get(layer)?.outlierRatio))}
    </tbody>
    <tfoot>
      ${line('median', ({ spreads }) => median(spreads))}
    </tfoot>
  </table>`;
}

function averageSpreads({ runs }: RunGroup): ReadonlyMap<string, WeightSpread> {
  const layers = groupBy(runs.flatMap(weightSpreads), ({ layer }) => layer);
  return new Map([...layers].map(([layer, spreads]) => [layer, average(layer, spreads)]));
}

function average(layer: string, spreads: readonly WeightSpread[]): WeightSpread {
  const mean = (key: Exclude<keyof WeightSpread, 'layer'>): number =>
    spreads.reduce((sum, spread) => sum + spread[key], 0) / spreads.length;
  return {
    layer,
    minimum: mean('minimum'),
    low: mean('low'),
    lowerQuartile: mean('lowerQuartile'),
    upperQuartile: mean('upperQuartile'),
    high: mean('high'),
    maximum: mean('maximum'),
    outlierRatio: mean('outlierRatio'),
  };
}

function median(spreads: ReadonlyMap<string, WeightSpread>): number {
  const ratios = [...spreads.values()].map(({ outlierRatio }) => outlierRatio).toSorted((a, b) => a - b);
  return (
    ((ratios[Math.floor((ratios.length - 1) / 2)] ?? NaN) + (ratios[Math.ceil((ratios.length - 1) / 2)] ?? NaN)) / 2
  );
}

/** Shortens a name that is too wide to its end, which distinguishes layers. */
function fit(name: string, pixels: number): string {
  const room = Math.floor((pixels - 14) / 6.6);
  return name.length <= room ? name : `…${name.slice(1 - room)}`;
}
