import assert from 'node:assert/strict';
import type { BenchOptions } from '../../bench/bench.js';
import { judge } from '../../bench/guard.js';
import type { Judged } from '../../bench/judged.js';
import { stepReport, type StepResults } from '../../bench/step-report.js';

const OPTIONS: BenchOptions = { batch: 10, steps: 3, threads: 1, images: 1, oursOnly: false, log: () => undefined };
const MISSING = { missing: 'no PyTorch' };

function side(seconds: number, peakBytes = 100): Judged {
  const cost = {
    secondsPerStep: seconds,
    quartiles: [seconds, seconds] as const,
    imagesPerSecond: 10 / seconds,
    peakBytes,
  };
  return { ...cost, ...judge({ flop: 600e9, seconds, leastSeconds: 2 }) };
}

const RESULTS: StepResults = {
  work: [{ layer: { kind: 'linear', width: 4, units: 5 }, forward: 2, inputGradient: 1, weightGradient: 3 }],
  float32: { ours: side(4, 80), eager: side(6, 100), compiled: side(5) },
  bfloat16: { ours: side(2), autocast: side(3) },
  augmentationSeconds: 1,
};

describe('the report of the bench step', () => {
  it('gives the ratios to PyTorch, the arithmetic and the speeds', () => {
    const { ok, json } = stepReport(OPTIONS, RESULTS);
    assert.equal(ok, true);
    assert.equal(json['gflop'], (2 * 10 * 4 * 5 * 6) / 1e9);
    assert.equal(json['ratio'], 6 / 4);
    assert.equal(json['ratioBfloat16'], 3 / 2);
    assert.equal(json['memoryRatio'], 80 / 100);
    assert.deepEqual(json['gflops'], { float32: 150, bfloat16: 300, eager: 100, compiled: 120, autocast: 200 });
    assert.deepEqual(json['peakGflops'], { float32: 300, bfloat16: 300 });
    assert.deepEqual(json['augmentation'], { secondsPerStep: 1, share: 1 / 4 });
  });

  it('gives our float32 step without PyTorch', () => {
    const results = {
      ...RESULTS,
      float32: { ours: side(4, 80), eager: MISSING, compiled: MISSING },
      bfloat16: { ours: side(2), autocast: MISSING },
    };
    const { ok, json, text } = stepReport({ ...OPTIONS, oursOnly: true }, results);
    assert.equal(ok, true);
    assert.equal(stepReport(OPTIONS, results).ok, false, 'a comparison without PyTorch');
    const without = { ...results, bfloat16: { ours: MISSING, autocast: MISSING } };
    assert.equal(stepReport({ ...OPTIONS, oursOnly: true }, without).ok, false, 'without our bfloat16');
    assert.deepEqual([json['secondsPerStep'], json['imagesPerSecond'], json['peakBytes']], [4, 2.5, 80]);
    assert.ok(!('ratio' in json) && !('ratioBfloat16' in json) && !('memoryRatio' in json));
    assert.match(text, /PyTorch eager was not measured: no PyTorch/);
  });

  it('fails if any side is faster than the peak', () => {
    const { ok, json, text } = stepReport(OPTIONS, {
      ...RESULTS,
      float32: { ...RESULTS.float32, compiled: side(1.9) },
    });
    assert.equal(ok, false);
    assert.equal((json['failures'] as string[]).length, 1);
    assert.match(text, /PyTorch compiled is faster than this machine's peak/);
  });

  it('fails if our float32 step was not measured', () => {
    assert.equal(stepReport(OPTIONS, { ...RESULTS, float32: { ...RESULTS.float32, ours: MISSING } }).ok, false);
  });
});
