import assert from 'node:assert/strict';
import { permutation, random, type Random } from '../packages/core/src/random.js';
import { assertEqualShares, assertUniform } from './plugins/distribution.js';

const COUNT = 20_000;

function draws(draw: (source: Random) => number): number[] {
  const source = random(1, 'test');
  return Array.from({ length: COUNT }, () => draw(source));
}

describe('random numbers', () => {
  it('are uniform', () => {
    assertUniform(draws((source) => source.uniform()), 0, 1, 'uniform'); // prettier-ignore
    assertUniform(draws((source) => source.between(-3, 5)), -3, 5, 'between'); // prettier-ignore
    assertUniform(Array.from({ length: COUNT }, (_, key) => random(1, 'test', key).uniform()), 0, 1, 'first of each key'); // prettier-ignore
    assertEqualShares(draws((source) => source.integer(7)).map(String), 7, 'integers'); // prettier-ignore
  });

  it('are normal', () => {
    const values = draws((source) => source.normal());
    const moment = (power: number): number => values.reduce((sum, value) => sum + value ** power, 0) / COUNT;
    // Within four standard errors of 0, 1, 0 and 3.
    const errors = [
      moment(1),
      (moment(2) - 1) / Math.sqrt(2),
      moment(3) / Math.sqrt(15),
      (moment(4) - 3) / Math.sqrt(96),
    ];
    for (const error of errors) assert.ok(Math.abs(error) < 4 / Math.sqrt(COUNT), `moments off by ${errors.join()}`);
  });

  it('depend on every part of the key, and on nothing else', () => {
    const first = (...key: Parameters<typeof random>): number => random(...key).uniform();
    const keys: Parameters<typeof random>[] = [
      [1, 'a', 2, 3], [2, 'a', 2, 3], [1, 'b', 2, 3], [1, 'a', 3, 3], [1, 'a', 2, 4], [1, 'a', 3, 2], [1, 'a', 2],
      [1, 'a', 2, 3 + 2 ** 32], [1, 'a', 2, 3, 0],
    ]; // prettier-ignore
    assert.equal(new Set(keys.map((key) => first(...key))).size, keys.length);
    const other = random(1, 'a', 2, 3);
    other.uniform();
    assert.equal(first(1, 'a', 2, 3), random(1, 'a', 2, 3).uniform());
  });

  it('order, each order equally often', () => {
    const orders = Array.from({ length: COUNT }, (_, key) => permutation(4, random(1, 'order', key)).join());
    assertEqualShares(orders, 24, 'orders');
  });
});
