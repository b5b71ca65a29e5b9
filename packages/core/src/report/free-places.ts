/** A text above a place of a chart, in pixels. */
interface Placed {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/** Estimated widths and heights in pixels of small texts. */
const LETTER = 7.5;
const LINE = 12;
/** From a mark to the middle of the text above it. */
const ABOVE = 10;

/** The texts, first come first served, that cover neither another nor a mark, and stay within the chart. */
export function freePlaces<T extends Placed>(
  texts: readonly T[],
  marks: readonly Omit<Placed, 'text'>[],
  width: number,
): readonly T[] {
  const kept: T[] = [];
  const half = ({ text }: T): number => (text.length * LETTER) / 2;
  for (const text of texts) {
    const free =
      text.x >= half(text) &&
      text.x + half(text) <= width + 20 &&
      kept.every(
        (other) => Math.abs(other.x - text.x) > half(other) + half(text) || Math.abs(other.y - text.y) > LINE,
      ) &&
      marks.every(({ x, y }) => Math.abs(x - text.x) > half(text) + 4 || Math.abs(y - (text.y - ABOVE)) > LINE / 2 + 3);
    if (free) kept.push(text);
  }
  return kept;
}
