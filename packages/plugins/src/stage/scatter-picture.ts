import { svgPicture, svgText } from './svg.js';

/** Pixels of the side of a panel, its margin, the space between panels, what is above them, and a line of the legend. */
const SIDE = 320;
const MARGIN = 8;
const GAP = 24;
const HEAD = 32;
const LINE = 18;
const LEGEND = 120;
/** More classes have colours that nobody tells apart by a legend. */
const NAMED = 20;

export interface Panel {
  readonly title: string;
  /** In the same order in every panel. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/**
 * Points in panels with the same scale, coloured by class, as a picture.
 * @param labels the classes of the points; none: grey points
 */
export function scatterPicture(
  title: string,
  panels: readonly Panel[],
  labels: ArrayLike<number> | undefined,
  classes: readonly string[],
): string {
  const all = panels.flatMap(({ points }) => points);
  const [x, y] = [scaleOf(all.map(([x]) => x)), scaleOf(all.map(([, y]) => y))];
  const drawn = panels.map(({ title, points }, index) => {
    const dots = points.map((point, at) => dot(x(point[0]), y(point[1]), colourOf(labels?.[at], classes.length)));
    const name = svgText(0, -12, title, 'font-weight="600"');
    return placed(index * (SIDE + GAP), HEAD, `${name}${FRAME}${dots.join('')}`);
  });
  const right = panels.length * (SIDE + GAP);
  const legend = labels === undefined || classes.length > NAMED ? [] : legendOf(classes);
  const lines = legend.map((line, index) => placed(right, HEAD + index * LINE, line));
  const width = right + (legend.length > 0 ? LEGEND : 0);
  const height = HEAD + Math.max(SIDE, legend.length * LINE) + MARGIN;
  return svgPicture(width, height, title, [...drawn, ...lines].join(''));
}

const FRAME = `<rect width="${SIDE}" height="${SIDE}" fill="none" stroke="#ccc"/>`;

function placed(x: number, y: number, content: string): string {
  return `<g transform="translate(${x} ${y})">${content}</g>`;
}

function scaleOf(values: readonly number[]): (value: number) => number {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return (value) => MARGIN + ((value - low) / (high - low || 1)) * (SIDE - 2 * MARGIN);
}

function dot(x: number, y: number, colour: string): string {
  return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="2.5" fill="${colour}" fill-opacity="0.7"/>`;
}

/** Hues around the circle, every second one darker; grey without a label. */
function colourOf(label: number | undefined, classes: number): string {
  if (label === undefined) return '#667';
  return `hsl(${Math.round((360 * label) / classes)} 70% ${label % 2 === 0 ? 55 : 35}%)`;
}

function legendOf(classes: readonly string[]): readonly string[] {
  return classes.map((name, label) => {
    const short = name.length > 14 ? `${name.slice(0, 13)}…` : name;
    return `<circle cx="5" cy="8" r="4" fill="${colourOf(label, classes.length)}"/>${svgText(16, 12, short)}`;
  });
}
