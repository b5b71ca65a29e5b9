import type { DrawnPanel } from './chart.js';
import { html, trusted, type Markup } from './html.js';
import type { RunGroup } from './run-groups.js';
import { STYLE } from './style.js';
import { colourOf, shapePath } from './swatch.js';

const HEAD = 40;
const TITLE = 24;
const GAP = 16;

/**
 * Charts as an SVG image that stands alone, with a legend and in the light colours.
 * @param across the number of panels beside each other
 */
export function standalone(
  title: string,
  panels: readonly DrawnPanel[],
  groups: readonly RunGroup[],
  across: number,
): string {
  const entries = [...new Map(groups.map((group) => [group.variant, group])).values()];
  const panelWidth = Math.max(...panels.map(({ width }) => width));
  const titled = panels.some((panel) => panel.title !== '') ? TITLE : 0;
  const panelHeight = titled + Math.max(...panels.map(({ height }) => height));
  const columns = Math.min(panels.length, across);
  const width = columns * panelWidth + (columns - 1) * GAP;
  const height = HEAD + Math.ceil(panels.length / columns) * panelHeight;
  const drawn = panels.map((panel, index) => {
    const [x, y] = [(index % columns) * (panelWidth + GAP), HEAD + Math.floor(index / columns) * panelHeight];
    const inner = panel.svg.replace(/^<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '');
    return html`<g transform="translate(${x} ${y})">
      ${panel.title === '' ? undefined : html`<text x="8" y="14" font-weight="600" fill="var(--ink)">${panel.title}</text>`}
      <g transform="translate(0 ${titled})">${trusted(inner)}</g>
    </g>`;
  });
  const markup = html`<svg
    xmlns="http://www.w3.org/2000/svg"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    font-family="system-ui, sans-serif"
    font-size="14"
  >
    <title>${title}</title>
    <rect width="100%" height="100%" fill="var(--paper)" />
    ${legend(entries)}${drawn}
  </svg>`;
  return `${withColours(markup.text).replaceAll('"inherit"', '"system-ui, sans-serif"')}\n`;
}

/** Names take about eight pixels a letter. */
function legend(groups: readonly RunGroup[]): readonly Markup[] {
  let x = 48;
  return groups.map((group) => {
    const place = x;
    x += 44 + group.variant.length * 8;
    return html`<g transform="translate(${place} 24)">
      <path d="${shapePath(group)}" fill="${colourOf(group)}" />
      <text x="14" y="5" fill="var(--ink)">${group.variant}</text>
    </g>`;
  });
}

/** An image has no style sheet: custom properties become their light values. */
function withColours(svg: string): string {
  const [, light = ''] = /:root \{([^}]*)\}/.exec(STYLE.text) ?? [];
  const values = new Map([...light.matchAll(/(--[\w-]+): ([^;]+);/g)].map(([, name, value]) => [name, value]));
  return svg.replaceAll(/var\((--[\w-]+)\)/g, (text, name: string) => values.get(name) ?? text);
}
