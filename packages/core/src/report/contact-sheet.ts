import type { PreviewImage, PreviewRow } from '../run/preview-views.js';
import { html, trusted, type Markup } from './html.js';

const MARGIN = 16;
const HEAD = 48;
const LINE = 14;
/** The least width of a column, for captions. */
const COLUMN = 230;
const CHARACTERS = 38;
/** Smaller images are shown at a multiple of their size. */
const SIDE = 128;

/** A contact sheet as an SVG image: a row for each image, the original first, then its views with captions. */
export async function contactSheet(title: string, rows: readonly PreviewRow[]): Promise<string> {
  const cells = await Promise.all(
    rows.map((row) => Promise.all([originalOf(row), ...row.views].map(async (image) => cellOf(image)))),
  );
  const widths = cells[0]!.map((_, column) => Math.max(COLUMN, ...cells.map((row) => row[column]!.width)) + MARGIN);
  const heights = cells.map((row) => Math.max(...row.map(({ height }) => height)) + MARGIN);
  const lefts = startsOf(widths, MARGIN);
  const tops = startsOf(heights, HEAD + MARGIN);
  const [width, height] = [lefts.at(-1)!, tops.at(-1)!];
  const heads = widths.map((_, column) => {
    const name = column === 0 ? 'original' : `view ${column}`;
    return html`<text x="${lefts[column]}" y="${HEAD}" font-weight="bold">${name}</text>`;
  });
  const drawn = cells.map((row, y) =>
    row.map(({ content }, x) => html`<g transform="translate(${lefts[x]} ${tops[y]})">${content}</g>`),
  );
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    width="${width}"
    height="${height}"
    viewBox="0 0 ${width} ${height}"
    font-family="DejaVu Sans, Helvetica, Arial, sans-serif"
    font-size="11"
    fill="#222"
  >
    <rect width="100%" height="100%" fill="#fff" />
    <text x="${MARGIN}" y="24" font-size="16">${title}</text>
    ${heads}${drawn}
  </svg>`.text;
}

/** A page with a contact sheet: one file without scripts and requests. */
export function contactSheetPage(title: string, svg: string): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"
        />
        <title>${title}</title>
        <style>
          body {
            margin: 0;
            background: #fff;
          }
          svg {
            display: block;
          }
        </style>
      </head>
      <body>
        ${trusted(svg)}
      </body>
    </html> `.text;
}

/** A contact sheet as a PNG image. */
export async function contactSheetPng(svg: string): Promise<Buffer> {
  const { default: sharp } = await import('sharp');
  // Data plugins block SVG for the whole process, because images of others may hide one; this one is ours.
  const operation = ['VipsForeignLoadSvg'];
  sharp.unblock({ operation });
  try {
    return await sharp(Buffer.from(svg), { unlimited: true }).png().toBuffer();
  } finally {
    sharp.block({ operation });
  }
}

interface Cell {
  readonly width: number;
  readonly height: number;
  readonly content: Markup;
}

function originalOf({ sample, class: label, original }: PreviewRow): PreviewImage {
  return { ...original, captions: [`image ${sample}`, ...(label === undefined ? [] : [`class ${label}`])] };
}

async function cellOf(image: PreviewImage): Promise<Cell> {
  const [height, width] = image.shape;
  const factor = Math.max(1, Math.floor(SIDE / Math.max(height, width)));
  const [shownHeight, shownWidth] = [factor * height, factor * width];
  const lines = image.captions.flatMap(wrapped);
  const png = await pngOf(image, shownHeight, shownWidth);
  const captions = lines.map((line, index) => html`<text y="${shownHeight + LINE * (index + 1)}">${line}</text>`);
  return {
    width: shownWidth,
    height: shownHeight + LINE * lines.length,
    content: html`<image
        width="${shownWidth}"
        height="${shownHeight}"
        href="data:image/png;base64,${png.toString('base64')}"
      />${captions}`,
  };
}

/** One or three channels are shown as they are; of others, the first is. */
async function pngOf({ shape, pixels }: PreviewImage, shownHeight: number, shownWidth: number): Promise<Buffer> {
  const { default: sharp } = await import('sharp');
  const [height, width, channels] = shape;
  const asIs = channels === 1 || channels === 3;
  const shown = asIs ? pixels : pixels.filter((_, index) => index % channels === 0);
  return sharp(shown, { raw: { height, width, channels: channels === 3 ? 3 : 1 } })
    .resize(shownWidth, shownHeight, { kernel: 'nearest' })
    .png()
    .toBuffer();
}

/** A caption on lines of limited length, broken between words. */
function wrapped(caption: string): readonly string[] {
  return caption.split(' ').reduce<string[]>((lines, word) => {
    const line = `${lines.at(-1) ?? ''} ${word}`;
    return lines.length > 0 && line.length <= CHARACTERS ? [...lines.slice(0, -1), line] : [...lines, word];
  }, []);
}

/** Where each of some lengths begins, and where the last one ends. */
function startsOf(lengths: readonly number[], first: number): readonly number[] {
  return lengths.reduce((starts, length) => [...starts, starts.at(-1)! + length], [first]);
}
