import assert from 'node:assert/strict';
import { assertNear, measure, measureNumber, type Measure } from '../golden/golden.js';
import { onTfjs } from './it-is-official.js';
import { nearest } from './float-noise.js';
import { judge, summaryOf, verdictOf, type Verdict } from './verdict.js';

const measured = (error: number, tolerance: number, more: Partial<Measure> = {}): Measure => ({
  what: 'outputs',
  error,
  tolerance,
  ...more,
});
const outcome = (...measures: readonly Measure[]): string => judge(measures).outcome;

describe('the verdict on a golden case', () => {
  it('is passed where all is near, and failed where anything is too far', () => {
    assert.equal(outcome(measured(1e-6, 1e-5), measured(0, 0)), 'passed');
    assert.equal(outcome(measured(1e-6, 1e-5), measured(1e-4, 1e-5)), 'FAILED');
    assert.equal(outcome(measured(0.7, 0.6)), 'FAILED', 'a wide allowance is an allowance still');
    assert.equal(outcome(measured(NaN, 1)), 'FAILED');
    assert.equal(outcome(), 'FAILED', 'nothing was compared');
  });

  it('says nothing where each allowance is half the value or more', () => {
    assert.equal(outcome(measured(0, 0.5)), 'says nothing');
    assert.equal(outcome(measured(0, 0.499)), 'passed');
    assert.equal(outcome(measured(0.3, 0.5), measured(0.1, 12)), 'says nothing');
    assert.equal(outcome(measured(0, 0.02, { magnitude: 0.04 })), 'says nothing');
    assert.equal(outcome(measured(0, 0.019, { magnitude: 0.04 })), 'passed');
    assert.equal(outcome(measured(0, 0)), 'passed', 'exactly equal');
  });

  it('takes the magnitude from the golden number', () => {
    assert.equal(outcome(measureNumber(0.04, 0.04, 0.02, 'loss')), 'says nothing');
    assert.equal(outcome(measureNumber(4, 4, 0.02, 'loss')), 'passed');
    assert.equal(outcome(measureNumber(0, 0, 0.02, 'loss')), 'passed');
    const golden = { shape: [2], values: [0.001, -0.002] };
    const ours = { shape: [2], values: Float32Array.from(golden.values) };
    assert.equal(outcome(measure(ours, golden, 1e-3, 'gradient')), 'says nothing');
    assert.equal(outcome(measure(ours, golden, 9e-4, 'gradient')), 'passed');
  });

  it('is not passed by coarse facts alone, and fails by one', () => {
    assert.equal(outcome(measured(0, 0, { coarse: true }), measured(0, 0.6)), 'says nothing');
    assert.equal(outcome(measured(0, 0, { coarse: true })), 'says nothing');
    assert.equal(outcome(measured(1, 0, { coarse: true }), measured(0, 0.1)), 'FAILED');
    assert.equal(outcome(measured(0, 0, { coarse: true }), measured(0, 0.1)), 'passed');
  });

  it('names how many measures say nothing, and judges by the others', () => {
    const { text } = judge([measured(0.4, 0.5), measured(0.3, 2), measured(1e-6, 1e-5, { what: 'loss' })]);
    assert.equal(text, '1.0e-6 (loss; within 1e-5), 2 of 3 measures say nothing');
  });

  it('is not ours where the official code alone does it, as long as the claim about that holds', () => {
    const what = 'not ours: the official threshold ignores the data';
    assert.deepEqual(judge([measured(0, 1e-6, { what })]), {
      outcome: 'not ours',
      retried: false,
      text: 'the official threshold ignores the data',
    });
    assert.equal(outcome(measured(1, 1e-6, { what })), 'FAILED');
  });

  it('is failed by what the measuring throws', async () => {
    const { outcome, text } = await verdictOf({ measure: () => Promise.reject(new Error('no part')) }, onTfjs);
    assert.deepEqual([outcome, text], ['FAILED', 'no part']);
  });
});

describe('attempts at a golden case', () => {
  /** Near from the n-th attempt on. */
  const fromAttempt = async (n: number): Promise<readonly Measure[]> => {
    let attempts = 0;
    return nearest(onTfjs, async () => [measured(++attempts >= n ? 1e-6 : 0.25, 1e-5)]);
  };

  it('are not named where the first one is near', async () => {
    const { outcome, retried, text } = judge(await fromAttempt(1));
    assert.deepEqual([outcome, retried, text], ['passed', false, '1.0e-6 (outputs; within 1e-5)']);
  });

  it('are named where a later one is near', async () => {
    const second = judge(await fromAttempt(2));
    assert.deepEqual([second.outcome, second.retried], ['passed', true]);
    assert.match(second.text, /, only with other kernels; plain 2\.5e-1$/);
    assert.match(judge(await fromAttempt(4)).text, /, only with other kernels and images times 0\.9999999; plain/);
  });

  it('are all of them failed where none is near', async () => {
    assert.equal(judge(await fromAttempt(100)).outcome, 'FAILED');
  });
});

describe('the summary of golden cases', () => {
  const verdicts = (): Verdict[] => [
    judge([measured(0, 0.1)]),
    judge([measured(0, 0.1, { attempt: 'with other kernels; plain 1' })]),
    judge([measured(0, 0.5)]),
    judge([measured(0, 0.5, { attempt: 'with other kernels; plain 1' })]),
    judge([measured(0, 0, { what: 'not ours: it is broken' })]),
    judge([measured(1, 0.1)]),
  ];

  it('counts what passed, how much of it in a later attempt, and what says nothing', () => {
    assert.equal(
      summaryOf(verdicts()),
      '2 passed (1 only with other kernels or images an ulp away), 2 say nothing, 1 not ours, 1 failed',
    );
    assert.equal(summaryOf(verdicts().slice(0, 1)), '1 passed, 0 say nothing, 0 not ours, 0 failed');
  });
});

describe('assertNear', () => {
  it('refuses what says nothing', () => {
    assertNear([measured(0.1, 0.6), measured(0, 0.1)]);
    assert.throws(() => assertNear([measured(0.1, 0.6)]), /no measure says anything/);
    assert.throws(() => assertNear([]), /no measure says anything/);
    assert.throws(() => assertNear([measured(0.2, 0.1), measured(0, 0)]), /outputs: off by 0\.2, more than 0\.1/);
  });
});
