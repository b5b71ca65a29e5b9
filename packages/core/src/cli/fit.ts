import stringWidth from 'string-width';

/** The first of some lines that is short enough. The last one is cut if none is. */
export function fit(lines: readonly string[], columns: number): string {
  return lines.find((line) => stringWidth(line) <= columns) ?? cut(lines.at(-1) ?? '', columns);
}

/** A text in at most so many columns, of which some characters need two, with `…` in place of its end. */
export function cut(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  if (columns < 1) return '';
  let short = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(short + segment) >= columns) break;
    short += segment;
  }
  return `${short}…`;
}

export function formatBar(share: number, cells: number): string {
  const full = Math.round(share * cells);
  return '━'.repeat(full) + '─'.repeat(cells - full);
}

/** How much of a whole is done, from 0 to 1. */
export function shareOf(done: number, total: number): number {
  return total <= 0 ? 1 : Math.min(1, Math.max(0, done / total));
}
