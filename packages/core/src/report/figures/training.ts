import type { StepMetrics } from '../../artifact/run-record.js';
import { drawChart, type Chart } from '../chart.js';
import { figure, headCell, NARROW } from '../figure.js';
import { groupBy } from '../group-by.js';
import { html, type Markup } from '../html.js';
import { significant, typeset } from '../numbers.js';
import type { RunGroup } from '../run-groups.js';
import { colourOf } from '../swatch.js';

/** A curve per group, thinned to a readable number of points. */
interface Curve {
  readonly group: RunGroup;
  readonly points: readonly { readonly epoch: number; readonly value: number }[];
}

const POINTS = 120;

/** The parts of the loss and the standard deviation of the features over training: a small figure each. */
export async function trainingFigures(groups: readonly RunGroup[]): Promise<readonly Markup[]> {
  const metrics = groups.flatMap(({ runs }) => runs.flatMap((run) => run.metrics));
  if (metrics.length === 0) return [];
  const parts = [...new Set(metrics.flatMap((one) => Object.keys(one.parts)))];
  const losses = parts.map((part) => ({
    title: `Loss, ${part} part`,
    note:
      part === 'quantized'
        ? 'At the precisions drawn for each step: noisier by design.'
        : 'Mean over the steps between two points.',
    curves: curves(groups, (one) => one.parts[part]),
  }));
  const total = {
    title: 'Loss',
    note: 'Mean over the steps between two points.',
    curves: curves(groups, (one) => one.loss),
  };
  const deviation = {
    title: 'Standard deviation of features',
    note: 'Of the unit-length float features: near 0 means collapse.',
    curves: curves(groups, (one) => one.featureStd),
  };
  return Promise.all([...(parts.length > 0 ? losses : [total]), deviation].map(curveFigure));
}

async function curveFigure({
  title,
  note,
  curves: drawn,
}: {
  title: string;
  note: string;
  curves: readonly Curve[];
}): Promise<Markup> {
  const rows = drawn.map(({ group, points }) => ({ group, ...ends(points) }));
  return figure({
    title,
    note,
    description: `Line chart over epochs. ${rows.map(({ group, first, last }) => `${group.label}: from ${first} to ${last}`).join('. ')}.`,
    narrow: await drawChart(chart(drawn)),
    table: html`<table>
      <caption>
        ${title}
      </caption>
      <thead>
        <tr>
          <td></td>
          ${drawn.map(({ group }) => headCell(group))}
        </tr>
      </thead>
      <tbody>
        ${(['first', 'last', 'lowest', 'highest'] as const).map(
          (name) =>
            html`<tr>
              <th scope="row">${name}</th>
              ${rows.map((row) => html`<td>${typeset(row[name])}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>`,
  });
}

function chart(drawn: readonly Curve[]): Chart {
  const values = drawn.flatMap(({ group, points }) => points.map((point) => ({ ...point, run: group.label })));
  return {
    width: NARROW,
    height: 220,
    margin: { top: 10, right: 10, bottom: 42, left: 46 },
    layer: [
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 1.5 },
        encoding: {
          x: {
            field: 'epoch',
            type: 'quantitative',
            scale: { nice: false },
            axis: { title: 'epoch', tickCount: 6, grid: false },
          },
          y: {
            field: 'value',
            type: 'quantitative',
            scale: { zero: false },
            axis: { title: null, tickCount: 5, domain: false, ticks: false, format: '~g' },
          },
          color: {
            field: 'run',
            type: 'nominal',
            legend: null,
            scale: { domain: drawn.map(({ group }) => group.label), range: drawn.map(({ group }) => colourOf(group)) },
          },
        },
      },
    ],
  };
}

function curves(groups: readonly RunGroup[], read: (metrics: StepMetrics) => number | undefined): readonly Curve[] {
  return groups.map((group) => ({ group, points: thin(group, read) })).filter(({ points }) => points.length > 0);
}

/** Means over equal stretches of steps, and over the seeds. */
function thin({ runs }: RunGroup, read: (metrics: StepMetrics) => number | undefined): Curve['points'] {
  const steps = runs.flatMap(({ metrics }) =>
    metrics.map((one) => ({ epoch: fractionalEpoch(one, metrics), value: read(one) })),
  );
  const known = steps.flatMap(({ epoch, value }) =>
    value !== undefined && Number.isFinite(value) ? [{ epoch, value }] : [],
  );
  const end = known.reduce((largest, { epoch }) => Math.max(largest, epoch), 0) || 1;
  const stretches = groupBy(known, ({ epoch }) => Math.min(POINTS - 1, Math.floor((epoch / end) * POINTS)));
  return [...stretches.entries()]
    .toSorted(([a], [b]) => a - b)
    .map(([, members]) => ({
      epoch: mean(members.map(({ epoch }) => epoch)),
      value: mean(members.map(({ value }) => value)),
    }));
}

/** Where a step lies among epochs: 1.5 in the middle of the second. */
function fractionalEpoch({ step, epoch }: StepMetrics, metrics: readonly StepMetrics[]): number {
  const last = metrics.at(-1);
  return last === undefined || last.step <= 0 ? epoch : (step / last.step) * Math.max(last.epoch, 1);
}

function ends(points: Curve['points']): { [K in 'first' | 'last' | 'lowest' | 'highest']: string } {
  const values = points.map(({ value }) => value);
  return {
    first: significant(values[0] ?? NaN),
    last: significant(values.at(-1) ?? NaN),
    lowest: significant(Math.min(...values)),
    highest: significant(Math.max(...values)),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
