import { printableLine } from '../printable.js';

/** The narrowest last column that is still wrapped. */
const NARROWEST = 20;

/** Formats rows of text as aligned columns. Where they are wider than `width`, the last column is wrapped. */
export function rows(texts: readonly (readonly string[])[], width = Infinity): string {
  const table = texts.map((row) => row.map(printableLine));
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const indent = widths.slice(0, -1).reduce((sum, column) => sum + column + 2, 0);
  const room = Math.max(NARROWEST, width - indent);
  return table
    .flatMap((row) => {
      const [first = '', ...others] = wrap(row.at(-1) ?? '', room);
      const before = row.slice(0, -1).map((cell, column) => `${cell.padEnd(widths[column] ?? 0)}  `);
      return [`${before.join('')}${first}`, ...others.map((line) => `${' '.repeat(indent)}${line}`)];
    })
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/** Breaks a text between words, and words that are longer than a line. */
export function wrap(text: string, room: number): readonly string[] {
  if (text.length <= room) return [text];
  const piece = new RegExp(`.{1,${room}}`, 'gs');
  const lines = [''];
  for (const word of text.split(' ').flatMap((whole) => whole.match(piece) ?? [whole])) {
    const longer = lines.at(-1) === '' ? word : `${lines.at(-1)} ${word}`;
    if (longer.length <= room || lines.at(-1) === '') lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
