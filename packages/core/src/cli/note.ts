/** Prints a line that is no result: to stderr. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}
