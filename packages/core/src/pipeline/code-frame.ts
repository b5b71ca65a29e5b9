const WIDTH = 110;

/**
 * The line of a place and the line before it, numbered, with a caret under the place. Long lines are cropped around it.
 * @param textOf the text of a line, counted from 1
 */
export function codeFrame(textOf: (line: number) => string | undefined, line: number, column: number): string {
  const digits = String(line).length;
  const start = Math.max(0, column - WIDTH + 20);
  const numbered = [line - 1, line].flatMap((number) => {
    const text = number < 1 ? undefined : textOf(number);
    if (text === undefined) return [];
    return [`${String(number).padStart(digits)} | ${printable(text).slice(start, start + WIDTH)}`.trimEnd()];
  });
  return [...numbered, `${' '.repeat(digits)} | ${' '.repeat(column - 1 - start)}^`].join('\n');
}

/** Replaces control characters, so that a file cannot move the terminal's cursor, and makes a tab one column wide. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
}
