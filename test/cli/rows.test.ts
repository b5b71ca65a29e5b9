import assert from 'node:assert/strict';
import { rows } from '../../packages/core/src/cli/rows.js';

describe('rows', () => {
  const table = [
    ['knn', 'Classifies by a weighted vote of neighbours.'],
    ['linear-probe', 'Fits a classifier.'],
  ];

  it('are aligned, and whole lines without a width', () => {
    assert.equal(
      rows(table),
      'knn           Classifies by a weighted vote of neighbours.\nlinear-probe  Fits a classifier.\n',
    );
  });

  it('write control characters of names that others chose as text', () => {
    assert.equal(rows([['\u001b[2J', 'a\u0007']]), '\\u001b[2J  a\\u0007\n');
  });

  it('wrap their last column between words', () => {
    assert.equal(
      rows(table, 40),
      'knn           Classifies by a weighted\n              vote of neighbours.\nlinear-probe  Fits a classifier.\n',
    );
  });
});
