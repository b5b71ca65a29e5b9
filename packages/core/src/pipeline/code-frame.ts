const WIDTH = 110;

/** The line of a place and the one before it, numbered, with a caret under the place. Long lines are cut around it. */
export function codeFrame(text: string, line: number, column: number): string {
  const lines = text.split(/\r?\n/);
  const digits = String(line).length;
  const start = Math.max(0, column - WIDTH + 20);
  const shown = [line - 1, line].filter((number) => number >= 1 && number <= lines.length);
  const numbered = shown.map((number) => {
    const cut = printable(lines[number - 1] ?? '').slice(start, start + WIDTH);
    return `${String(number).padStart(digits)} | ${cut}`.trimEnd();
  });
  return [...numbered, `${' '.repeat(digits)} | ${' '.repeat(column - 1 - start)}^`].join('\n');
}

/** A file must not move the terminal's cursor, and a tab is one column wide. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
}
