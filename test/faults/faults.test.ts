import assert from 'node:assert/strict';
import { corruptRuns } from './corruptions.js';
import { fuzz } from './fuzz.js';
import { killRuns } from './kills.js';

/** A small part of `npm run faults`, with another seed than that. */
const SEED = 2;

describe('faults', function () {
  this.timeout(300_000);

  it('kills of a run lose nothing', async () => {
    const { faults, counts } = await killRuns(SEED, 4);
    assert.deepEqual(faults, []);
    assert.ok(counts.size > 0);
  });

  it('mutated inputs are loaded, or refused with a code and a place', async () => {
    const { faults, codes } = await fuzz(SEED, 300);
    assert.deepEqual(faults, []);
    assert.ok(codes.size > 10, [...codes].join());
  });

  it('damaged files of a run are refused, or change nothing', async () => {
    const { faults, counts } = await corruptRuns(SEED, 20);
    assert.deepEqual(faults, []);
    assert.ok(counts.size > 4);
  });
});
