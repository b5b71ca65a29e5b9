import assert from 'node:assert/strict';
import type { Layer } from '../../bench/layers.js';
import { leastSeconds, nameOf } from '../../bench/peak.js';

const [wide, narrow]: readonly [Layer, Layer] = [
  { kind: 'linear', width: 8, units: 8 },
  { kind: 'linear', width: 2, units: 2 },
];

describe("the machine's peak", () => {
  it('is the fastest measurement of each layer and direction, as often as in the step', () => {
    const ours = new Map([
      [nameOf(wide), { forward: 5, inputGradient: 7, weightGradient: 11 }],
      [nameOf(narrow), { forward: 1, inputGradient: 1, weightGradient: 1 }],
    ]);
    const theirs = new Map([
      [nameOf(wide), { forward: 6, inputGradient: 3, weightGradient: 13 }],
      [nameOf(narrow), { forward: 0.5, inputGradient: 2, weightGradient: 2 }],
    ]);
    const work = [
      { layer: wide, forward: 4, inputGradient: 0, weightGradient: 2 },
      { layer: narrow, forward: 2, inputGradient: 2, weightGradient: 2 },
      { layer: wide, forward: 1, inputGradient: 1, weightGradient: 0 },
    ];
    assert.equal(leastSeconds(work, [ours, theirs]), 4 * 5 + 2 * 11 + 2 * 0.5 + 2 * 1 + 2 * 1 + 5 + 3);
  });
});
