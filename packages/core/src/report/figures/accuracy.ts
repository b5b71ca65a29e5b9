import { drawChart, type Chart } from '../chart.js';
import { figure, headCell, NARROW, WIDE } from '../figure.js';
import { html, type Content, type Markup } from '../html.js';
import { plainNumber, signedDifference, significant, summaryNumber, typeset } from '../numbers.js';
import type { ResultPanel } from '../result-panels.js';
import { comparisons, type RunGroup } from '../run-groups.js';
import { splitCalibration } from '../side-by-side.js';
import { colourOf, shapeOf } from '../swatch.js';

/** The results of each run by precision: a chart, and a table with differences. */
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
    table: table(panel, groups, name),
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

function table(panel: ResultPanel, groups: readonly RunGroup[], name: string): Markup {
  const rowOf = (group: RunGroup): ResultPanel['rows'][number] | undefined =>
    panel.rows.find((row) => row.group === group);
  const pairs = comparisons(groups).flatMap(({ group, baseline }) => {
    const [ours, theirs] = [rowOf(group), rowOf(baseline)];
    return ours && theirs ? [{ ours, theirs }] : [];
  });
  const lines = panel.precisions.map((precision): Content => {
    const shown = panel.rows.map(({ cells }) => cells.get(precision)).map((cell) => cell && plainNumber(cell.mean));
    const best = Math.max(...shown.flatMap((text) => (text === undefined ? [] : [Number(text)])));
    // If all are equal, none is best.
    const distinct = panel.percent && new Set(shown).size > 1;
    return html`<tr>
      <th scope="row">${precision}</th>
      ${panel.rows.map(({ cells }, index) => {
        const cell = cells.get(precision);
        const text = cell === undefined ? '' : summaryNumber(cell, panel.percent);
        return html`<td>${distinct && Number(shown[index]) === best ? html`<strong>${text}</strong>` : text}</td>`;
      })}${pairs.map(({ ours, theirs }) => {
        const [our, their] = [ours.cells.get(precision), theirs.cells.get(precision)];
        return html`<td class="difference">
          ${our && their ? typeset(signedDifference(our.mean, their.mean, panel.percent ? 1 : 4)) : ''}
        </td>`;
      })}
    </tr>`;
  });
  return html`<table>
    <caption>
      ${name}${panel.percent ? '; best in bold' : ''}
    </caption>
    <thead>
      <tr>
        <th scope="col">precision</th>
        ${panel.rows.map(({ group }) => headCell(group))}${pairs.map(
          ({ ours, theirs }) =>
            html`<th scope="col" class="difference">${ours.group.label} − ${theirs.group.label}</th>`,
        )}
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
