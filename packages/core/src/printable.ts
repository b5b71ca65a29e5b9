/** Replaces control characters other than the end of a line: text from a file must not move the terminal's cursor. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** As `printable`, in one line. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', '\\u000a');
}
