import { drawChart, type Chart } from '../chart.js';
import { figure, headCell, NARROW, WIDE } from '../figure.js';
import { html, type Markup } from '../html.js';
import { plainNumber, significant, summaryNumber } from '../numbers.js';
import type { ResultPanel } from '../result-panels.js';
import type { RunGroup } from '../run-groups.js';
import { splitCalibration } from '../side-by-side.js';
import { colourOf, shapeOf } from '../swatch.js';
import { differenceTable } from './difference-table.js';

/** The results of each run by precision: a chart, a table, and a table of the differences. */
export async function accuracyFigure(panel: ResultPanel, groups: readonly RunGroup[]): Promise<Markup> {
  const [wide, narrow] = await Promise.all([
    drawChart(accuracyChart(panel, WIDE, 340)),
    drawChart(accuracyChart(panel, NARROW, 280)),
  ]);
  const name = `${panel.stage}${panel.percent && panel.classifier === 'float' ? ' with the float classifier' : ''}: ${panel.metric}${panel.percent ? ' in %' : ''}`;
  const seeds = panel.rows.some(({ group }) => group.runs.length > 1);
  return figure({
    title: name,
    note: noteOn(panel) + (seeds ? ' Bars: ± one standard deviation over seeds.' : ''),
    description: describe(panel),
    wide,
    narrow,
    table: html`${table(panel, name)}${differenceTable(panel, groups)}`,
  });
}

function noteOn({ percent, classifier }: ResultPanel): string {
  if (!percent) return 'Measured on the float and the quantized network.';
  return classifier === 'matched'
    ? 'The classifier was fitted and tested at the same precision.'
    : 'The classifier was fitted on float features and tested at each precision.';
}

/** Accuracy by precision, a line for each group of runs and calibration. */
export function accuracyChart(panel: ResultPanel, width: number, height: number): Chart {
  const values = panel.rows.flatMap(({ group, cells }) =>
    [...cells].map(([precision, { mean, deviation = 0 }]) => ({
      precision,
      calibration: splitCalibration(precision).calibration,
      run: group.label,
      mean,
      low: mean - deviation,
      high: mean + deviation,
    })),
  );
  const margin = { top: 12, right: 12, bottom: 30, left: 40 };
  const crowded = (width - margin.left - margin.right) / panel.precisions.length < 38;
  const groups = panel.rows.map(({ group }) => group);
  const run = { field: 'run', type: 'nominal', legend: null } as const;
  const domain = groups.map(({ label }) => label);
  const colour = { ...run, scale: { domain, range: groups.map(colourOf) } };
  const x = {
    field: 'precision',
    type: 'ordinal' as const,
    scale: { domain: [...panel.precisions] },
    axis: { title: null, labelAngle: crowded ? -45 : 0, grid: false },
  };
  const y = {
    type: 'quantitative',
    scale: { zero: false, nice: false, padding: 10 },
    axis: { title: null, tickCount: 6, domain: false, ticks: false },
  } as const;
  return {
    width,
    height,
    margin: crowded ? { ...margin, bottom: 46 } : margin,
    layer: [
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 2 },
        encoding: {
          x: { ...x, sort: null },
          y: { ...y, field: 'mean' },
          color: colour,
          detail: { field: 'calibration' },
        },
      },
      {
        data: { values: values.filter(({ low, high }) => low < high) },
        mark: { type: 'rule', strokeWidth: 1.5 },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color: colour },
      },
      {
        data: { values },
        mark: { type: 'point', filled: true, size: 70, opacity: 1 },
        encoding: {
          x,
          y: { ...y, field: 'mean' },
          color: colour,
          shape: { ...run, scale: { domain, range: groups.map(shapeOf) } },
        },
      },
    ],
  };
}

function table(panel: ResultPanel, name: string): Markup {
  const lines = panel.precisions.map(
    (precision) =>
      html`<tr>
        <th scope="row">${precision}</th>
        ${panel.rows.map(({ cells }) => {
          const cell = cells.get(precision);
          return html`<td>${cell && summaryNumber(cell, panel.percent)}</td>`;
        })}
      </tr>`,
  );
  return html`<table>
    <caption>
      ${name}
    </caption>
    <thead>
      <tr>
        <th scope="col">precision</th>
        ${panel.rows.map(({ group }) => headCell(group))}
      </tr>
    </thead>
    <tbody>
      ${lines}
    </tbody>
  </table>`;
}

function describe(panel: ResultPanel): string {
  const series = panel.rows.map(
    ({ group, cells }) =>
      `${group.label}: ${[...cells].map(([precision, { mean }]) => `${precision} ${panel.percent ? plainNumber(mean) : significant(mean)}`).join(', ')}`,
  );
  return `Line chart by precision. ${series.join('. ')}.`;
}
