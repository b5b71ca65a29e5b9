import { median } from './cost.js';

/** The middle and the ends of measurements. */
export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), lowest: Math.min(...values), highest: Math.max(...values) };
}

/** Cells of a row: `1.42`, `1.38 to 1.52`. */
export function cellsOf({ median, lowest, highest }: Spread): readonly [median: string, ends: string] {
  return [median.toFixed(2), `${lowest.toFixed(2)} to ${highest.toFixed(2)}`];
}
