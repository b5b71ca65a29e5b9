import type { Cell, DataTable, Row } from './data-table.js';

/** A table as CSV (RFC 4180) with all digits. What follows a ± has a column of its own. */
export function csvOf({ corner, columns, rows, totals = [] }: DataTable): string {
  const all = [...rows, ...totals];
  const spreads = columns.map((_, index) => all.some(({ cells }) => cells[index]?.spread !== undefined));
  const expand = (texts: readonly (readonly [string, string])[]): string[] =>
    texts.flatMap(([text, spread], index) => (spreads[index] === true ? [text, spread] : [text]));
  const head = [corner, ...expand(columns.map(({ label }) => [label, `${label} ±`]))];
  const body = all.map(({ name, cells }) => [
    name.label,
    ...expand(columns.map((_, index) => [csvNumber(cells[index]), exactly(cells[index]?.spread)])),
  ]);
  return [head, ...body].map((line) => `${line.map(quoted).join(',')}\r\n`).join('');
}

/** A table for LaTeX's `booktabs`, with the digits that are shown. */
export function latexOf({ caption, corner, columns, rows, totals = [] }: DataTable): string {
  const line = (cells: readonly string[]): string => `  ${cells.join(' & ')} \\\\`;
  const body = ({ name, cells }: Row): string =>
    line([name.label, ...columns.map((_, index) => cells[index]?.text ?? '')].map(latexText));
  return [
    `% ${caption.replaceAll(/\s+/g, ' ')}`,
    `\\begin{tabular}{l${'r'.repeat(columns.length)}}`,
    '  \\toprule',
    line([corner, ...columns.map(({ label }) => label)].map(latexText)),
    '  \\midrule',
    ...rows.map(body),
    ...(totals.length > 0 ? ['  \\midrule', ...totals.map(body)] : []),
    '  \\bottomrule',
    '\\end{tabular}',
    '',
  ].join('\n');
}

function csvNumber(cell: Cell | undefined): string {
  return cell === undefined ? '' : cell.value === undefined ? cell.text : exactly(cell.value);
}

/** All digits but the last few, which are rounding errors. */
function exactly(value: number | undefined): string {
  return value === undefined ? '' : String(Number(value.toPrecision(12)));
}

/** A text that spreadsheets would take for a formula is quoted by a leading apostrophe. */
function quoted(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !Number.isFinite(Number(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function latexText(text: string): string {
  return text.replaceAll(/[\\{}[$&#%_^~±−–\u00a0]/g, (character) => LATEX[character] ?? character);
}

const LATEX: { readonly [character: string]: string } = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  '[': '{[}', // after the end of a row, it would begin an option
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
  '±': '$\\pm$',
  '−': '$-$',
  '–': '--',
  '\u00a0': '~',
};
