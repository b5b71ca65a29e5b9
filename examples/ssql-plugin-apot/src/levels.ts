/** The largest number of bits of a magnitude: more bits add almost nothing and would make the table long. */
export const MOST_BITS = 8;

/**
 * The levels of additive powers of two for magnitudes of `bits` bits and base bit width k = 2, ascending, before gamma scales the largest
 * level to the clipping value. With n = floor(bits / 2), a level is a sum of n terms,
 *
 *     p_i in {0, 2^-i, 2^-(i+n), 2^-(i+2n)}                            for even bits (equation 5),
 *     p_i in {0, 2^-i, 2^-(i+n), 2^-(i+2n+1)}, and {0, 2^-2n} once     for odd bits (the paper's extension to 2n + 1).
 *
 * All sums are different. With 0 bits, the only level is 0.
 */
export function levelsOf(bits: number): readonly number[] {
  const terms = Math.floor(bits / 2);
  const odd = bits % 2;
  let sums = odd === 1 ? [0, 2 ** (-2 * terms)] : [0];
  for (let i = 0; i < terms; i += 1) {
    const powers = [0, 2 ** -i, 2 ** -(i + terms), 2 ** -(i + 2 * terms + odd)];
    sums = powers.flatMap((power) => sums.map((sum) => power + sum));
  }
  return sums.sort((a, b) => a - b);
}

/** For each number of bits from 0 to MOST_BITS: the start of its part of the table, and its number of cells. */
export interface LevelTable {
  /** The nearest level of each cell, as a fraction of the largest level; the parts follow one another. */
  readonly nearest: Float32Array;
  readonly offsets: readonly number[];
  readonly cells: readonly number[];
}

/**
 * The nearest levels, by cell. All levels are multiples of the smallest level, so midpoints between neighbours are multiples of half of it:
 * on a grid of that width each cell has a single nearest level, and a lookup replaces a search. It takes one index per element at every
 * number of bits.
 */
export function levelTable(): LevelTable {
  const parts = Array.from({ length: MOST_BITS + 1 }, (_, bits) => nearestByCell(levelsOf(bits)));
  let end = 0;
  const offsets = parts.map((part) => (end += part.length) - part.length);
  return { nearest: Float32Array.from(parts.flat()), offsets, cells: parts.map(({ length }) => length) };
}

function nearestByCell(levels: readonly number[]): readonly number[] {
  const [smallest, largest] = [levels[1] ?? 1, levels.at(-1) ?? 0];
  if (largest === 0) return [0];
  let below = 0;
  return Array.from({ length: (2 * largest) / smallest }, (_, cell) => {
    const middle = ((cell + 0.5) * smallest) / 2;
    while (Math.abs(levels[below + 1]! - middle) < Math.abs(levels[below]! - middle)) below += 1;
    return levels[below]! / largest;
  });
}
