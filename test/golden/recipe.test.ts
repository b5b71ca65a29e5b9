import assert from 'node:assert/strict';
import { readGolden } from './golden.js';
import {
  fnv1a,
  hash,
  PREFIX,
  recipe,
  toHwio,
  toInOut,
  toNchw,
  toNhwc,
  toOihw,
  uniform,
  weightScale,
} from './recipe.js';

interface Check {
  readonly name: string;
  readonly fnv1a: number;
  readonly entries: readonly ({ readonly i: number; readonly hash: number; readonly u: number } & Record<
    string,
    number
  >)[];
  readonly weight: { readonly name: string; readonly shape: number[] } & Record<string, unknown>;
}

describe('golden recipe', () => {
  const check = readGolden<Check>('recipe_check.json');

  it('makes the check values', () => {
    assert.equal(fnv1a(check.name), check.fnv1a);
    const { values } = recipe(check.name.slice(PREFIX.length), [1001], { scale: 2 });
    for (const { i, hash: expected, u, ...rest } of check.entries) {
      assert.equal(hash(check.fnv1a, i), expected);
      assert.equal(uniform(check.fnv1a, i), u);
      assert.equal(values[i], Math.fround(Object.values(rest)[0]!));
    }
    const { name, shape, ...rest } = check.weight;
    const weight = recipe(name.slice(PREFIX.length), shape, { scale: weightScale(shape) });
    const first = Object.values(rest)[0] as number[];
    assert.deepEqual([...weight.values.slice(0, 4)], first.map(Math.fround));
  });

  it('transposes to the layouts of tfjs and back', () => {
    const tensor = recipe('layout', [2, 3, 4, 5]);
    assert.deepEqual(toNhwc(tensor).shape, [2, 4, 5, 3]);
    assert.deepEqual(toHwio(tensor).shape, [4, 5, 3, 2]);
    assert.equal(toNhwc(tensor).values[1], tensor.values[20]);
    assert.equal(toHwio(tensor).values[1], tensor.values[60]);
    assert.deepEqual(toNchw(toNhwc(tensor)), tensor);
    assert.deepEqual(toOihw(toHwio(tensor)), tensor);
    const matrix = recipe('layout', [2, 3]);
    assert.deepEqual(toInOut(toInOut(matrix)), matrix);
  });
});
