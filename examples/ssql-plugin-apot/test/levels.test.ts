import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { levelsOf, levelTable } from '../src/levels.js';

describe('levels of additive powers of two', () => {
  it('are those of the paper for 4 bits: p0 in {0, 1, 1/4, 1/16}, p1 in {0, 1/2, 1/8, 1/32}', () => {
    assert.deepEqual(
      levelsOf(4).map((level) => level * 32),
      [0, 1, 2, 3, 4, 6, 8, 9, 12, 16, 18, 24, 32, 33, 36, 48],
    );
  });

  it('are powers of two for 2 bits, and those with one more term for 3', () => {
    assert.deepEqual(levelsOf(2), [0, 1 / 4, 1 / 2, 1]);
    assert.deepEqual(levelsOf(3), [0, 1 / 8, 1 / 4, 3 / 8, 1 / 2, 3 / 4, 1, 5 / 4]);
  });

  it('are 2^b different sums of at most ceil(b / 2) powers of two', () => {
    for (let bits = 0; bits <= 8; bits += 1) {
      const levels = levelsOf(bits);
      assert.equal(new Set(levels).size, 2 ** bits);
      // The binary ones of an integer are its powers of two.
      const powers = levels.map((level) => (level * 2 ** 20).toString(2).replaceAll('0', '').length);
      assert.equal(Math.max(...powers), Math.ceil(bits / 2));
    }
  });

  it('in the table are the nearest ones, at the ends and the middle of every cell', () => {
    const { nearest, offsets, cells } = levelTable();
    for (let bits = 0; bits <= 8; bits += 1) {
      const levels = levelsOf(bits);
      const largest = levels.at(-1)! || 1;
      const count = cells[bits]!;
      for (let cell = 0; cell < count; cell += 1) {
        for (const within of [0.001, 0.5, 0.999]) {
          const x = (cell + within) / count;
          const errors = levels.map((level) => Math.abs(level / largest - x));
          const error = Math.abs(nearest[offsets[bits]! + cell]! - x);
          assert.ok(error <= Math.min(...errors) + 1e-7, `${bits} bits at ${x}`);
        }
      }
    }
    assert.equal(nearest.length, 10_711);
  });
});
