import type { TopLevelSpec } from 'vega-lite';
import type { LayerSpec } from 'vega-lite/types_unstable/spec/index.js';

/** A figure's part of a vega-lite specification; `drawChart` adds the style. */
export interface Chart {
  readonly width: number;
  readonly height: number;
  readonly margin: { readonly top: number; readonly right: number; readonly bottom: number; readonly left: number };
  readonly layer: LayerSpec<string>['layer'];
}

export interface Panel {
  /** Empty for a single chart. */
  readonly title: string;
  chart(width: number): Chart;
}

/** A chart, drawn. */
export interface DrawnPanel extends Pick<Chart, 'width' | 'height'> {
  readonly title: string;
  readonly svg: string;
}

export async function drawPanel(panel: Panel, width: number): Promise<DrawnPanel> {
  const chart = panel.chart(width);
  return { title: panel.title, width: chart.width, height: chart.height, svg: await drawChart(chart) };
}

/** Pixels from the edge of a chart to the right side of a vertical axis' title: vega would place it by estimated widths. */
export const TITLE_AT = 18;

/** The field of a mark's text under the pointer. */
export const HOVER = { description: { field: 'hover' } } as const;

/**
 * Draws a chart as SVG. Colours are custom properties of the page, so that one drawing suits light and dark. A mark's description becomes
 * its `<title>`, which browsers show under the pointer.
 */
async function drawChart({ width, height, margin, layer }: Chart): Promise<string> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const spec: TopLevelSpec = {
    width: width - margin.left - margin.right,
    height: height - margin.top - margin.bottom,
    padding: margin,
    // Margins are fixed: without a canvas vega estimates text widths and leaves too much room.
    autosize: 'none',
    layer,
    config: CONFIG,
  };
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none', logLevel: vega.Error });
  const svg = await view.toSVG();
  view.finalize();
  return withTitles(svg).replace('<svg ', '<svg aria-hidden="true" focusable="false" ');
}

/** Descriptions of marks as titles, without the other attributes for screen readers: a figure has a description in words. */
function withTitles(svg: string): string {
  return svg
    .replaceAll(
      /<(\w+) aria-label="([^"]*)" role="graphics-symbol" aria-roledescription="[^"]*"([^<>]*)\/>/g,
      (_, tag: string, text: string, attributes: string) =>
        `<${tag}${attributes}>${text === '' ? '' : `<title>${text}</title>`}</${tag}>`,
    )
    .replaceAll(/ (?:role|aria-\w+)="[^"]*"/g, '');
}

const CONFIG: NonNullable<TopLevelSpec['config']> = {
  aria: true,
  background: 'transparent',
  font: 'inherit',
  view: { stroke: null },
  axis: {
    aria: false,
    labelColor: 'var(--muted)',
    labelFontSize: 12,
    labelPadding: 6,
    // Both would use the estimated widths.
    labelLimit: 0,
    labelOverlap: false,
    titleColor: 'var(--muted)',
    titleFontSize: 12,
    titleFontWeight: 'normal',
    gridColor: 'var(--rule)',
    domainColor: 'var(--axis)',
    tickColor: 'var(--axis)',
    tickSize: 4,
  },
};
