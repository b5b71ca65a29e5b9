import { differenceRows, pairsNote, verdictOn } from '../differences.js';
import { html, type Markup } from '../html.js';
import { differenceNumber, typeset } from '../numbers.js';
import type { ResultPanel } from '../result-panels.js';
import { comparisons, type RunGroup } from '../run-groups.js';

/** The differences of the runs that are compared, with their intervals; nothing without a pair. */
export function differenceTable(panel: ResultPanel, groups: readonly RunGroup[]): Markup | undefined {
  const rows = differenceRows(panel, comparisons(groups));
  if (rows.length === 0) return undefined;
  const unclear = rows.some(({ cells }) => [...cells.values()].some((cell) => verdictOn(cell) === 'unclear'));
  const lines = panel.precisions.map(
    (precision) =>
      html`<tr>
        <th scope="row">${precision}</th>
        ${rows.map(({ cells }) => {
          const difference = cells.get(precision);
          if (difference === undefined) return html`<td></td>`;
          const text = typeset(differenceNumber(difference, panel.percent));
          return verdictOn(difference) === 'unclear'
            ? html`<td class="difference">${text}</td>`
            : html`<td>${text}</td>`;
        })}
      </tr>`,
  );
  return html`<table>
    <caption>
      differences${panel.percent ? ' in points' : ''}:
      ${pairsNote(rows)}${unclear ? '; grey if the interval contains zero' : ''}
    </caption>
    <thead>
      <tr>
        <th scope="col">precision</th>
        ${rows.map(
          ({ group, baseline }) => html`<th scope="col" class="difference">${group.label} − ${baseline.label}</th>`,
        )}
      </tr>
    </thead>
    <tbody>
      ${lines}
    </tbody>
  </table>`;
}
