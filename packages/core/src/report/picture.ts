import type { RunRecord } from '../kinds/run-record.js';
import { drawChart } from './chart.js';
import { accuracyChart } from './figures/accuracy.js';
import { html } from './html.js';
import { resultPanels, type ResultPanel } from './result-panels.js';
import { groupRuns, type RunGroup } from './run-groups.js';
import { STYLE } from './style.js';
import { colourOf, shapePath } from './swatch.js';

const WIDTH = 720;
const HEIGHT = 340;
const LEGEND = 40;

/**
 * The accuracy by precision of a report as an SVG image that stands alone, with a legend and in the light colours.
 * @returns nothing if no accuracy was evaluated
 */
export async function accuracyPicture(
  runs: readonly Pick<RunRecord, 'cell' | 'label' | 'group' | 'quantized' | 'evaluations'>[],
): Promise<string | undefined> {
  const groups = groupRuns(runs as readonly RunRecord[]); // groups and panels read no more of a run
  const panel = resultPanels(groups).find(({ percent, classifier }) => percent && classifier === 'matched');
  if (panel === undefined) return undefined;
  const chart = (await drawChart(accuracyChart(panel, WIDTH, HEIGHT))).text;
  const markup = html`<svg
    xmlns="http://www.w3.org/2000/svg"
    viewBox="0 0 ${WIDTH} ${HEIGHT + LEGEND}"
    width="${WIDTH}"
    height="${HEIGHT + LEGEND}"
    font-family="system-ui, sans-serif"
    font-size="14"
  >
    <title>${titleOf(panel)}</title>
    <rect width="100%" height="100%" fill="var(--paper)" />
    ${panel.rows.map(({ group }, index) => legendEntry(group, index))}
  </svg>`;
  const inner = chart.replace(/^<svg[^>]*>/, `<g transform="translate(0 ${LEGEND})">`).replace(/<\/svg>\s*$/, '</g>');
  return `${withColours(markup.text.replace('</svg>', `${inner}</svg>`)).replaceAll('"inherit"', '"system-ui, sans-serif"')}\n`;
}

function titleOf({ stage, metric, rows }: ResultPanel): string {
  return `${stage}: ${metric} in % by precision, ${rows.map(({ group }) => group.label).join(' and ')}`;
}

function legendEntry(group: RunGroup, index: number): ReturnType<typeof html> {
  return html`<g transform="translate(${48 + index * 180} 24)">
    <path d="${shapePath(group)}" fill="${colourOf(group)}" />
    <text x="14" y="5" fill="var(--ink)">${group.label}</text>
  </g>`;
}

/** Images in Markdown have no style sheet: custom properties become their light values. */
function withColours(svg: string): string {
  const [, light = ''] = /:root \{([^}]*)\}/.exec(STYLE.text) ?? [];
  const values = new Map([...light.matchAll(/(--[\w-]+): ([^;]+);/g)].map(([, name, value]) => [name, value]));
  return svg.replaceAll(/var\((--[\w-]+)\)/g, (text, name: string) => values.get(name) ?? text);
}
