import { drawPanel, type DrawnPanel, type Panel } from './chart.js';
import { htmlTable, type DataTable } from './data-table.js';
import { html, trusted, type Markup } from './html.js';
import type { RunGroup } from './run-groups.js';
import { standalone } from './standalone.js';
import { csvOf, latexOf } from './table-files.js';

/** Widths in pixels at which charts are drawn. Charts are not scaled, so text keeps its size on a small screen. */
const WIDE = 620;
const NARROW = 340;
/** The width of four panels beside each other on a wide screen. */
const PANEL = 265;

export interface Figure {
  readonly title: string;
  readonly note?: string;
  /** Text for readers who cannot see the charts. */
  readonly description: string;
  /** A chart, or several small ones beside each other. */
  readonly panels: readonly Panel[];
  /** The groups of runs that the charts show. */
  readonly groups: readonly RunGroup[];
  /** Panels beside each other on a wide screen: at most 4, the default. */
  readonly across?: number;
  /** Whether a single chart has a wide drawing for wide screens. */
  readonly wide?: boolean;
  readonly table: DataTable;
}

/** Charts and the same numbers as tables, side by side if there is room, and both as files. */
export async function figure({
  title,
  note,
  description,
  panels,
  groups,
  wide,
  across = Math.min(4, panels.length),
  table,
}: Figure): Promise<Markup> {
  const several = panels.length > 1;
  const width = across > 3 ? PANEL : NARROW;
  const draw = (at: number): Promise<readonly DrawnPanel[]> => Promise.all(panels.map((panel) => drawPanel(panel, at)));
  const narrow = await draw(width);
  const large = wide === true && !several ? await draw(WIDE) : undefined;
  const picture = standalone(title, large ?? narrow, groups, across);
  return html`<figure class="${several ? 'several' : 'single'}">
    <figcaption>
      <h3>${title}</h3>
      ${note === undefined ? undefined : html`<p>${note}</p>`}
    </figcaption>
    <div class="chart" role="img" aria-label="${description}">
      ${
        large === undefined
          ? grid(narrow, across)
          : html`<div class="wide">${grid(large, across)}</div>
              <div class="narrow">${grid(narrow, across)}</div>`
      }
    </div>
    ${tableBlock(table, link('SVG', `${fileName(title)}.svg`, 'image/svg+xml', picture))}
  </figure>`;
}

function grid(panels: readonly DrawnPanel[], across: number): Markup {
  if (panels.length === 1 && panels[0]!.title === '') return trusted(panels[0]!.svg);
  return html`<div class="panels" style="--across: ${across}">
    ${panels.map(
      ({ title, svg }) =>
        html`<div>
          <h4>${title}</h4>
          ${trusted(svg)}
        </div>`,
    )}
  </div>`;
}

/** A table, and links to it as a file. */
export function tableBlock(table: DataTable, others?: Markup): Markup {
  const name = fileName(table.caption.replace(/[:;].*/s, ''));
  return html`<div>
    <div class="table">${htmlTable(table)}</div>
    <p class="downloads">
      Download ${others}${link('CSV', `${name}.csv`, 'text/csv', csvOf(table))}
      ${link('LaTeX', `${name}.tex`, 'text/x-tex', latexOf(table))}
    </p>
  </div>`;
}

/** A file within the page: it needs no network and no script. */
function link(text: string, name: string, type: string, content: string): Markup {
  const address = `data:${type};charset=utf-8,${encode(content)}`;
  return html` <a download="${name}" href="${address}">${text}</a>`;
}

/** Only what ends a data URL, or what HTML would escape to something longer. */
function encode(text: string): string {
  return text.replaceAll(/[%#"<>&'\s]|[^\0-\x7f]/gu, (character) =>
    character === "'" ? '%27' : encodeURIComponent(character),
  );
}

function fileName(title: string): string {
  return title.replaceAll(/[^\p{L}\p{N}.-]+/gu, '-');
}
