import type { RunRecord } from '../kinds/run-record.js';
import type { Cell } from './data-table.js';
import { tableBlock } from './figure.js';
import { html, type Markup } from './html.js';
import { formatDuration } from '../duration.js';
import type { RunGroup } from './run-groups.js';

/** Time per phase, averaged over seeds, and the speed of training. */
export function timingTable(groups: readonly RunGroup[]): readonly Markup[] {
  const phases = [...new Set(groups.flatMap(({ runs }) => runs.flatMap((run) => Object.keys(run.timings))))];
  if (phases.length === 0) return [];
  const spent = (read: (run: RunRecord) => number | undefined): (Cell | undefined)[] =>
    groups.map((group) => average(group, read, formatDuration));
  return [
    tableBlock({
      caption: `Time per phase${groups.some(({ runs }) => runs.length > 1) ? ', mean over seeds' : ''}`,
      corner: 'phase',
      columns: groups.map((group) => ({ label: group.label, group })),
      rows: phases.map((phase) => ({ name: { label: phase }, cells: spent((run) => run.timings[phase]) })),
      totals: [
        {
          name: { label: 'total' },
          cells: spent(({ timings }) => Object.values(timings).reduce((sum, seconds) => sum + seconds, 0)),
        },
        {
          name: { label: 'images per second' },
          cells: groups.map((group) => average(group, speed, (value) => String(Math.round(value)))),
        },
      ],
    }),
  ];
}

/** The manifests of the runs. A value that all runs share is shown once. */
export function manifestTable(runs: readonly RunRecord[]): readonly Markup[] {
  const manifests = runs.map((run) => new Map(flatten(run.manifest)));
  const keys = [...new Set(manifests.flatMap((manifest) => [...manifest.keys()]))];
  if (keys.length === 0) return [];
  const lines = keys.map((key) => {
    const values = manifests.map((manifest) => manifest.get(key) ?? '');
    const cells =
      new Set(values).size === 1
        ? html`<td colspan="${values.length}">${values[0]}</td>`
        : values.map((value) => html`<td>${value}</td>`);
    return html`<tr>
      <th scope="row">${key}</th>
      ${cells}
    </tr>`;
  });
  return [
    html`<div class="table">
      <table class="words">
        <caption>
          Software, data and seeds of the runs
        </caption>
        <thead>
          <tr>
            <td></td>
            ${runs.map(({ label }) => html`<th scope="col">${label || 'run'}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${lines}
        </tbody>
      </table>
    </div>`,
  ];
}

function average(
  { runs }: RunGroup,
  read: (run: RunRecord) => number | undefined,
  write: (value: number) => string,
): Cell | undefined {
  const values = runs.flatMap((run) => read(run) ?? []);
  if (values.length === 0) return undefined;
  const value = values.reduce((sum, each) => sum + each, 0) / values.length;
  return { text: write(value), value };
}

/** The median over steps: the first steps compile. */
function speed({ metrics }: RunRecord): number | undefined {
  const known = metrics.map(({ imagesPerSecond }) => imagesPerSecond).filter(Number.isFinite);
  return known.toSorted((a, b) => a - b)[Math.floor(known.length / 2)];
}

function flatten(value: unknown, path = ''): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[path, String(value)]];
  if (Array.isArray(value))
    return [[path, value.map((item) => (typeof item === 'object' ? JSON.stringify(item) : String(item))).join(', ')]];
  return Object.entries(value).flatMap(([key, inner]) => flatten(inner, path === '' ? key : `${path}.${key}`));
}
