import { drawChart, type Chart } from '../chart.js';
import { figure, headCell, NARROW } from '../figure.js';
import { html, type Markup } from '../html.js';
import { significant, typeset } from '../numbers.js';
import type { RunGroup } from '../run-groups.js';
import { colourOf } from '../swatch.js';

/** A curve of a group over epochs. */
export interface Curve {
  readonly group: RunGroup;
  readonly points: readonly { readonly epoch: number; readonly value: number }[];
}

export interface Curves {
  readonly title: string;
  readonly note: string;
  readonly curves: readonly Curve[];
  /** Whether to mark the points, if they are few. */
  readonly marked?: boolean;
}

/** A line chart over epochs, and a table of each curve's first, last, lowest and highest value. */
export async function curveFigure({ title, note, curves: drawn, marked = false }: Curves): Promise<Markup> {
  const rows = drawn.map(({ group, points }) => ({ group, ...ends(points) }));
  return figure({
    title,
    note,
    description: `Line chart over epochs. ${rows.map(({ group, first, last }) => `${group.label}: from ${first} to ${last}`).join('. ')}.`,
    narrow: await drawChart(chart(drawn, marked)),
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

function chart(drawn: readonly Curve[], marked: boolean): Chart {
  const values = drawn.flatMap(({ group, points }) => points.map((point) => ({ ...point, run: group.label })));
  return {
    width: NARROW,
    height: 220,
    margin: { top: 10, right: 10, bottom: 42, left: 46 },
    layer: [
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 1.5, point: marked && { size: 20 } },
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

function ends(points: Curve['points']): { [K in 'first' | 'last' | 'lowest' | 'highest']: string } {
  const values = points.map(({ value }) => value);
  return {
    first: significant(values[0] ?? NaN),
    last: significant(values.at(-1) ?? NaN),
    lowest: significant(Math.min(...values)),
    highest: significant(Math.max(...values)),
  };
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
