import { printable } from '../printable.js';

/** Prints a line that is no result: to stderr. */
export function note(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}
