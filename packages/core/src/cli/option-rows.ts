import { rows, wrap } from './rows.js';

/** A description in fewer columns is hard to read. */
const LEAST_ROOM = 32;

/** Options as aligned columns of name, type, default and description; where descriptions had no room, each below its option. */
export function optionRows(options: readonly (readonly string[])[], columns: number): string {
  const aligned = rows(options, columns);
  const before = (options[0] ?? []).slice(0, -1).map((_, at) => Math.max(...options.map((row) => row[at]!.length)));
  const indent = before.reduce((sum, width) => sum + width + 2, 0);
  if (columns - indent >= LEAST_ROOM || aligned.split('\n').every((line) => line.length <= columns)) return aligned;
  return options.map((option) => stacked(option, columns)).join('');
}

function stacked(option: readonly string[], columns: number): string {
  const [name = '', ...facts] = option.slice(0, -1).filter((text) => text !== '');
  const [first = '', ...others] = wrap(`${name.trim()}  ${facts.join('  ')}`, columns - 4);
  const description = wrap(option.at(-1) ?? '', columns - 6).map((line) => `      ${line}\n`);
  return [`  ${first}\n`, ...others.map((line) => `    ${line}\n`), ...description].join('');
}
