import assert from 'node:assert/strict';
import { itIsOfficial, onTfjs } from '../parity/it-is-official.js';
import { recipeCases } from '../parity/recipe-check.js';
import { recipe, toHwio, toInOut, toNchw, toNhwc, toOihw } from './recipe.js';

describe('golden recipe', () => {
  itIsOfficial('recipe_check.json', recipeCases, () => onTfjs);

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
