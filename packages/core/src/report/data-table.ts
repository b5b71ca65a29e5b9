import { html, type Markup } from './html.js';
import type { RunGroup } from './run-groups.js';
import { swatch } from './swatch.js';

/** A table as data: the page, the CSV file and the LaTeX file are written from it. */
export interface DataTable {
  readonly caption: string;
  /** The head of the names of rows. */
  readonly corner: string;
  readonly columns: readonly Heading[];
  readonly rows: readonly Row[];
  /** Rows below the others, such as a median. */
  readonly totals?: readonly Row[];
  /** For many rows. */
  readonly dense?: boolean;
}

export interface Heading {
  readonly label: string;
  /** The group of runs whose mark is shown. */
  readonly group?: RunGroup;
  /** Whether it holds differences of others. */
  readonly difference?: boolean;
}

export interface Row {
  readonly name: Heading;
  readonly cells: readonly (Cell | undefined)[];
}

export interface Cell {
  /** As shown. */
  readonly text: string;
  /** The number with all its digits, and what follows its ±. A cell of words has none. */
  readonly value?: number;
  readonly spread?: number;
  readonly best?: boolean;
  readonly muted?: boolean;
}

export function htmlTable({ caption, corner, columns, rows, totals = [], dense = false }: DataTable): Markup {
  const line = ({ name, cells }: Row): Markup =>
    html`<tr>
      <th scope="row">${marked(name)}</th>
      ${cells.map(htmlCell)}
    </tr>`;
  return html`<table class="${dense ? 'dense' : 'plain'}">
    <caption>
      <span>${caption}</span>
    </caption>
    <thead>
      <tr>
        <th scope="col">${corner}</th>
        ${columns.map((heading) =>
          heading.difference === true
            ? html`<th scope="col" class="difference">${heading.label}</th>`
            : html`<th scope="col">${marked(heading)}</th>`,
        )}
      </tr>
    </thead>
    <tbody>
      ${rows.map(line)}
    </tbody>
    ${
      totals.length === 0
        ? undefined
        : html`<tfoot>
            ${totals.map(line)}
          </tfoot>`
    }
  </table>`;
}

/** Rows become columns. */
export function transpose({ columns, rows, ...table }: DataTable, corner: string): DataTable {
  return {
    ...table,
    corner,
    columns: rows.map(({ name }) => name),
    rows: columns.map((name, index) => ({ name, cells: rows.map(({ cells }) => cells[index]) })),
  };
}

function marked({ label, group }: Heading): Markup {
  return group === undefined ? html`${label}` : html`${swatch(group)}&nbsp;${label}`;
}

function htmlCell(cell: Cell | undefined): Markup {
  if (cell === undefined) return html`<td></td>`;
  const text = cell.best === true ? html`<strong>${cell.text}</strong>` : cell.text;
  return cell.muted === true ? html`<td class="difference">${text}</td>` : html`<td>${text}</td>`;
}
