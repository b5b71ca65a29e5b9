import assert from 'node:assert/strict';
import { sideBySide } from '../../packages/core/src/report/side-by-side.js';

describe('precisions of a table', () => {
  it('are in order, with the calibrations of a precision beside it', () => {
    const precisions = ['float', 'w4a4', 'w2a4', 'w4a4@b', 'w2a4@a', 'w4a4@a', 'w4a4', 'w4a4-folded@a', 'w8@a'];
    assert.deepEqual(sideBySide(precisions), [
      'float',
      'w4a4',
      'w4a4@b',
      'w4a4@a',
      'w2a4',
      'w2a4@a',
      'w4a4-folded@a',
      'w8@a',
    ]);
  });
});
