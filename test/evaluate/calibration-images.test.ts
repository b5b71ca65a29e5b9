import assert from 'node:assert/strict';
import { calibrationImages, type Frozen } from '../../packages/core/src/evaluate/frozen-backbone.js';
import { assertUniform } from '../plugins/distribution.js';

const SIZE = 400;

/** The indexes of calibration images; of a frozen backbone, only these members are read. */
function indexes(seed: number, samples: number): number[] {
  const frozen = { dataset: { train: { size: SIZE } }, calibration: { samples, batch: 16 }, seed };
  return [...calibrationImages(frozen as unknown as Frozen)];
}

describe('calibration images', () => {
  it('are different ones from all over the training images, by the seed', () => {
    const many = Array.from({ length: 100 }, (_, seed) => indexes(seed, 10));
    for (const drawn of many) assert.equal(new Set(drawn).size, 10);
    assertUniform(many.flat().map((index) => (index + 0.5) / SIZE), 0, 1, 'indexes'); // prettier-ignore
    assert.deepEqual(indexes(3, 10), indexes(3, 10));
    assert.notDeepEqual(indexes(3, 10), indexes(4, 10));
  });

  it('are all where there are no more', () => {
    const all = indexes(1, 2 * SIZE);
    assert.deepEqual(all.toSorted((a, b) => a - b), Array.from({ length: SIZE }, (_, index) => index)); // prettier-ignore
  });
});
