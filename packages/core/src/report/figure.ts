import { html, type Markup } from './html.js';
import type { RunGroup } from './run-groups.js';
import { swatch } from './swatch.js';

/** Widths in pixels at which charts are drawn. Charts are not scaled, so text keeps its size on a small screen. */
export const WIDE = 620;
export const NARROW = 340;

export interface Figure {
  readonly title: string;
  readonly note?: string;
  /** Text for readers who cannot see the chart. */
  readonly description: string;
  /** Omitted if the narrow drawing suits every screen. */
  readonly wide?: Markup;
  readonly narrow: Markup;
  readonly table: Markup;
}

/** A chart and the same numbers as a table, side by side if there is room. */
export function figure({ title, note, description, wide, narrow, table }: Figure): Markup {
  return html`<figure>
    <figcaption>
      <h3>${title}</h3>
      ${note === undefined ? undefined : html`<p>${note}</p>`}
    </figcaption>
    <div class="chart" role="img" aria-label="${description}">
      ${
        wide === undefined
          ? narrow
          : html`<div class="wide">${wide}</div>
              <div class="narrow">${narrow}</div>`
      }
    </div>
    <div class="table">${table}</div>
  </figure>`;
}

/** The head of a group's column, with the group's mark in the chart. */
export function headCell(group: RunGroup): Markup {
  return html`<th scope="col">${swatch(group)}&nbsp;${group.label}</th>`;
}
