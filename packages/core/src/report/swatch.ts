import { html, type Markup } from './html.js';
import type { RunGroup } from './run-groups.js';

/** Shapes by vega's names: runs differ in shape and colour, for grey printouts and colour-blind readers. */
export const SHAPES = ['circle', 'square', 'triangle-up', 'diamond', 'cross'] as const;

/** Number of colours in the style sheet. */
const COLOURS = 6;

/** The colour of a group, as a custom property, so that one drawing suits light and dark. */
export function colourOf({ index }: RunGroup): string {
  return `var(--series-${index % COLOURS})`;
}

export function shapeOf({ index }: RunGroup): (typeof SHAPES)[number] {
  return SHAPES[index % SHAPES.length] ?? 'circle';
}

/** The mark of a group, as in charts. */
export function swatch(group: RunGroup): Markup {
  return html`<svg class="swatch" viewBox="-8 -8 16 16" aria-hidden="true">
    <path d="${shapePath(group)}" fill="${colourOf(group)}" />
  </svg>`;
}

/** The outline of a group's mark, centred. */
export function shapePath(group: RunGroup): string {
  return PATHS[shapeOf(group)];
}

const PATHS: { readonly [S in (typeof SHAPES)[number]]: string } = {
  circle: 'M-5,0a5,5,0,1,1,10,0a5,5,0,1,1,-10,0Z',
  square: 'M-5,-5h10v10h-10Z',
  'triangle-up': 'M0,-6L6,5H-6Z',
  diamond: 'M0,-7L6,0L0,7L-6,0Z',
  cross: 'M-6,-2h4v-4h4v4h4v4h-4v4h-4v-4h-4Z',
};
