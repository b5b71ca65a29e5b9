import type { TopLevelSpec } from 'vega-lite';
import type { LayerSpec } from 'vega-lite/types_unstable/spec/index.js';
import { trusted, type Markup } from './html.js';

/** A figure's part of a vega-lite specification; `drawChart` adds the style. */
export interface Chart {
  readonly width: number;
  readonly height: number;
  readonly margin: { readonly top: number; readonly right: number; readonly bottom: number; readonly left: number };
  readonly layer: LayerSpec<string>['layer'];
}

/** Draws a chart as SVG. Colours are custom properties of the page, so that one drawing suits light and dark. */
export async function drawChart({ width, height, margin, layer }: Chart): Promise<Markup> {
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
  return trusted(svg.replace('<svg ', '<svg aria-hidden="true" focusable="false" '));
}

const CONFIG: NonNullable<TopLevelSpec['config']> = {
  aria: false,
  background: 'transparent',
  font: 'inherit',
  view: { stroke: null },
  axis: {
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
