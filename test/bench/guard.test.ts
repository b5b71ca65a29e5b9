import assert from 'node:assert/strict';
import { complaints, judge } from '../../bench/guard.js';

describe("the benches' guard against the peak", () => {
  it('states the speed of a step, the peak and its share', () => {
    const verdict = judge({ flop: 600e9, seconds: 3, leastSeconds: 2.4 });
    assert.deepEqual(verdict, { gflops: 200, peakGflops: 250, share: 2.4 / 3, possible: true });
  });

  it('finds a step faster than the peak impossible, and a step at the peak possible', () => {
    assert.equal(judge({ flop: 600e9, seconds: 2.399, leastSeconds: 2.4 }).possible, false);
    assert.equal(judge({ flop: 600e9, seconds: 2.4, leastSeconds: 2.4 }).possible, true);
  });

  it('complains about the impossible sides only', () => {
    const slow = judge({ flop: 600e9, seconds: 3, leastSeconds: 2.4 });
    const fast = judge({ flop: 600e9, seconds: 1.5, leastSeconds: 2.4 });
    assert.deepEqual(complaints({ slow }), []);
    const lines = complaints({ slow, fast });
    assert.equal(lines.length, 1);
    assert.match(lines[0]!, /^fast is faster than this machine's peak: 400 of 250 GFLOP\/s\. /);
  });
});
