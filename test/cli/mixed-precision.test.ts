import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BitAssignment, Evaluation } from '@ssql/core';
import { SMALL, ssql, writePipeline } from './small-run.js';

describe('ssql run, at mixed and folded precisions', function () {
  this.timeout(120_000);
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-mixed-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const precisions = ['float', 'w4a4', 'mixed-w4a4', 'w4a4-folded', 'mixed-w3a4-folded'];
  const knn = { use: 'knn', with: { precisions, k: 5 } };
  const probe = { use: 'linear-probe', with: { precisions: ['mixed-w4a4'], epochs: 2 } };
  const read = <T>(name: string): T => {
    const runs = join(folder, 'runs/small');
    const [run] = readdirSync(runs).filter((one) => !one.endsWith('.html'));
    return JSON.parse(readFileSync(join(runs, run!, name), 'utf8')) as T;
  };

  it('evaluates them, and records the bit widths of all sites within the budget', async () => {
    const file = writePipeline(folder, { ...SMALL, stages: [knn, probe] });
    const { status, stdout, stderr } = await ssql(folder, ['run', file]);
    assert.equal(status, 0, stderr);
    for (const precision of precisions) assert.ok(stdout.includes(precision), `${precision} is in the table`);
    const evaluations = read<readonly Evaluation[]>('evaluation.json');
    assert.deepEqual(evaluations.map(({ stage, precision }) => `${stage} ${precision}`).sort(), [...precisions.map((one) => `knn ${one}`), 'linear-probe mixed-w4a4'].sort()); // prettier-ignore
    assert.ok(evaluations.every(({ value }) => value > 5 && value <= 100));

    const assignments = read<{ readonly [precision: string]: BitAssignment }>('bit-assignments.json');
    assert.deepEqual(Object.keys(assignments), ['mixed-w4a4', 'mixed-w3a4-folded']);
    for (const { budget, uniform, mixed, sites } of Object.values(assignments)) {
      assert.equal(budget, 'bops');
      assert.ok(mixed.bops <= uniform.bops);
      assert.deepEqual([...new Set(sites.map(({ operand }) => operand))], ['weights', 'activations']);
      assert.ok(!sites.some(({ site }) => site === 'conv1'), 'it is pinned');
      for (const { bits, sensitivity } of sites) assert.ok((sensitivity[bits] ?? NaN) >= 0);
    }

    // Another assigner, the same training: what it evaluates is evaluated anew, at bits of its own.
    const set = ['evaluation.assigner={use: integer-program, with: {budget: size, weights: [2, 4, 8]}}'];
    const again = await ssql(folder, ['run', file, ...set.flatMap((one) => ['--set', one])]);
    assert.equal(again.status, 0, again.stderr);
    assert.doesNotMatch(again.stderr, /pretrain/);
    const [bySize] = Object.values(read<{ readonly [precision: string]: BitAssignment }>('bit-assignments.json'));
    assert.equal(bySize!.budget, 'size');
    assert.ok(bySize!.mixed.bytes <= bySize!.uniform.bytes);
    assert.ok(bySize!.sites.every(({ operand, bits }) => operand === 'weights' && [2, 4, 8].includes(bits)));
  });

  it('refuses a budget that no assignment meets, and points at the assigner', async () => {
    const evaluation = {
      ...(SMALL['evaluation'] as object),
      assigner: { use: 'integer-program', with: { weights: [5] } },
    };
    const file = writePipeline(folder, { ...SMALL, stages: [probe], evaluation, train: { epochs: 1, batch: 50 } });
    const { status, stderr } = await ssql(folder, ['run', file, '--set', 'evaluation.assigner.with.activations=[4]']);
    assert.equal(status, 2, stderr);
    assert.match(stderr, /BUDGET_TOO_SMALL/);
    assert.match(stderr, /pipeline\.yaml:\d+/);
    assert.match(stderr, /use: integer-program/);
  });
});
