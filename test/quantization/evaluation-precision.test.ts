import assert from 'node:assert/strict';
import { EVALUATION_PRECISION_PATTERN, formatEvaluationPrecision, parseEvaluationPrecision } from '@ssql/core';

describe('a precision of evaluation', () => {
  const written = [
    ['float', { weights: 'float', activations: 'float', mixed: false, folded: false }],
    ['w4a8', { weights: 4, activations: 8, mixed: false, folded: false }],
    ['float-folded', { weights: 'float', activations: 'float', mixed: false, folded: true }],
    ['w2-folded', { weights: 2, activations: 'float', mixed: false, folded: true }],
    ['mixed-w4a4', { weights: 4, activations: 4, mixed: true, folded: false }],
    ['w4a4@mse', { weights: 4, activations: 4, mixed: false, folded: false, calibration: 'mse' }],
    ['mixed-w4a4-folded@mse-128', { weights: 4, activations: 4, mixed: true, folded: true, calibration: 'mse-128' }],
    ['mixed-a16-folded', { weights: 'float', activations: 16, mixed: true, folded: true }],
  ] as const;
  for (const [text, precision] of written)
    it(`is written ${text}`, () => {
      assert.deepEqual(parseEvaluationPrecision(text), precision);
      assert.equal(formatEvaluationPrecision(precision), text);
    });

  for (const text of [
    'mixed-float',
    'mixed-float-folded',
    'mixed',
    'w4a4-mixed',
    'folded',
    'w4a4-folded-',
    'w0-folded',
    'mixed-mixed-w4',
    'xfloat',
    'a17-folded',
    'float@mse',
    'float-folded@mse',
    'w4a4@',
    'w4a4@1',
    'w4a4@a@b',
    'w4a4@mse-folded.',
    '',
  ])
    // prettier-ignore
    it(`is not ${text === '' ? 'empty' : text}`, () => {
      assert.equal(parseEvaluationPrecision(text), undefined);
      assert.doesNotMatch(text, new RegExp(EVALUATION_PRECISION_PATTERN));
    });
});
