/** A share in percent, rounded to two decimals. */
export function percent(part: number, whole: number): number {
  return Math.round((10000 * part) / whole) / 100;
}
