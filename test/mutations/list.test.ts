import { strict as assert } from 'node:assert';
import { fileURLToPath } from 'node:url';
import { problemsOf } from './list.js';

describe('mutations', () => {
  it('fit the sources: each text occurs once, each test exists', () => {
    assert.deepEqual(problemsOf(fileURLToPath(new URL('../..', import.meta.url))), []);
  });
});
