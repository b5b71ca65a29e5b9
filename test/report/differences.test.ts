import assert from 'node:assert/strict';
import { renderReport, type RunRecord } from '../../packages/core/src/index.js';
import { listDifferences } from '../../packages/core/src/report/differences.js';
import { studentQuantile } from '../../packages/core/src/report/student-t.js';
import { renderTable } from '../../packages/core/src/run.js';
import { makeRun } from './quickstart-runs.js';

/** Pairs of runs with seeds 1, 2, ...; the accuracies of SSQL differ from 80% by these points. */
function pairs(differences: { readonly [precision: string]: readonly number[] }): RunRecord[] {
  const seeds = Math.max(...Object.values(differences).map((list) => list.length));
  return (['none', 'ssql'] as const).flatMap((wrap) =>
    Array.from({ length: seeds }, (_, index) => {
      const run = makeRun({ wrap, seed: index + 1 });
      const evaluations = Object.entries(differences).flatMap(([precision, list]) => {
        const difference = list[index];
        const value = 80 + (wrap === 'ssql' ? (difference ?? 0) : 0);
        return difference === undefined ? [] : [{ ...PROBE, precision, value }];
      });
      return { ...run, evaluations };
    }),
  );
}

const PROBE = { stage: 'linear-probe', classifier: 'matched', metric: 'accuracy' } as const;

/** The same runs with another method, as a matrix over methods has them. */
function ofMethod(method: string, runs: readonly RunRecord[]): RunRecord[] {
  return runs.map((run) => ({
    ...run,
    cell: { method, ...run.cell },
    group: run.group.replace('SimSiam', method),
    label: run.label.replace('SimSiam', method),
  }));
}

async function headline(runs: readonly RunRecord[]): Promise<string | undefined> {
  const page = await renderReport(runs, { title: 'differences' });
  return /<h1>(.*?)<\/h1>/.exec(page)?.[1]?.replaceAll('\u00a0', ' ');
}

describe('studentQuantile', () => {
  // Two-sided 95%: the table in any textbook.
  for (const [degrees, quantile] of [
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [4, 2.776],
    [5, 2.571],
    [9, 2.262],
    [30, 2.042],
    [120, 1.98],
  ] as const) {
    it(`is ${quantile} for ${degrees} degrees of freedom`, () => {
      assert.ok(Math.abs(studentQuantile(0.95, degrees) - quantile) < 0.0006);
    });
  }

  it('has its closed forms for one and two degrees of freedom', () => {
    for (const confidence of [0.5, 0.9, 0.95, 0.99]) {
      const [one, two] = [1, 2].map((degrees) => studentQuantile(confidence, degrees)) as [number, number];
      assert.ok(Math.abs(one / Math.tan((Math.PI * confidence) / 2) - 1) < 1e-9);
      assert.ok(Math.abs(two / (confidence * Math.sqrt(2 / (1 - confidence ** 2))) - 1) < 1e-9);
    }
  });
});

describe('paired differences', () => {
  it('have the interval computed by hand', () => {
    // Squared deviations 1.44 + 0.7225 + 0.1225; standard error sqrt(2.285 / 2 / 3) = 0.6171; times 4.3027.
    const table = renderTable(pairs({ w3a3: [5, 2.95, 3.45] }));
    assert.match(table, /SSQL-SimSiam - SimSiam +\+3\.80 ±2\.66\n/);
    assert.match(table, /\nmean of 3 pairs of runs with equal seeds ± 95% interval \(Student's t\)\n$/);
  });

  it('are those of runs with equal seeds, whatever their order', () => {
    const runs = pairs({ w3a3: [1, 2, 40] });
    const [first, second, third, ...wrapped] = runs as [RunRecord, RunRecord, RunRecord, ...RunRecord[]];
    const later = { ...third, cell: { ...third.cell, seed: 9 } };
    const table = renderTable([later, second, first, ...wrapped]);
    // 1 and 2: standard error 0.5, times 12.7062.
    assert.match(table, /SSQL-SimSiam - SimSiam +\+1\.50 ±6\.35\n/);
    assert.match(table, /mean of 2 pairs/);
  });

  it('count the pairs of each precision', () => {
    const table = renderTable(pairs({ w4a4: [1, 2, 3], w2a4: [1, 2] }));
    assert.match(table, /\+2\.00 ±2\.48 +\+1\.50 ±6\.35\nmean of 2 to 3 pairs/);
  });

  it('are listed with the bounds of their intervals, and without bounds for one pair', () => {
    const [three, single] = listDifferences(pairs({ w3a3: [5, 2.95, 3.45], w2a4: [1] }));
    const names = { group: 'SSQL-SimSiam', baseline: 'SimSiam' };
    assert.deepEqual(single, { ...PROBE, ...names, precision: 'w2a4', mean: 1, pairs: 1 });
    assert.deepEqual(
      [three?.mean, ...(three?.interval ?? [])].map((value) => value?.toFixed(2)),
      ['3.80', '1.14', '6.46'],
    );
  });

  it('are absent without a pair', () => {
    const [first] = pairs({ w3a3: [1] });
    assert.doesNotMatch(renderTable([first!]), /difference/);
  });
});

describe('the headline', () => {
  it('is no clear difference for two seeds of opposite signs', async () => {
    const runs = pairs({ w2a4: [23, -19.3] });
    assert.equal(
      await headline(runs),
      'At w2a4, no clear difference between SSQL-SimSiam (81.8 %) and SimSiam (80.0 %): +1.85 ±268.74 points',
    );
    const page = await renderReport(runs, { title: 'differences' });
    assert.match(page, /<td class="difference">\+1\.85 ±268\.74<\/td>/);
  });

  it('claims a difference, in either direction, that the interval holds', async () => {
    assert.equal(
      await headline(pairs({ w3a3: [5, 2.95, 3.45] })),
      'At w3a3, SSQL-SimSiam (83.8 %) is ahead of SimSiam (80.0 %): +3.80 ±2.66 points',
    );
    assert.equal(
      await headline(pairs({ w3a3: [-5, -2.95, -3.45] })),
      'At w3a3, SSQL-SimSiam (76.2 %) is behind SimSiam (80.0 %): −3.80 ±2.66 points',
    );
  });

  it('is about the lowest precision, though another one has a clear difference', async () => {
    const page = await renderReport(pairs({ float: [-1, -1.1], w3a3: [5, 5.1], w2a4: [1, -1] }), { title: 'x' });
    assert.match(page, /<h1>At w2a4, no clear difference/);
    assert.match(
      page,
      /<li>In float, SSQL-SimSiam \(79\.0\u00a0%\) is behind SimSiam \(80\.0\u00a0%\): −1\.05 ±0\.64 points\./,
    );
    assert.match(
      page,
      /<li>SSQL-SimSiam against SimSiam: ahead at w3a3; behind at float; no clear difference at w2a4\.<\/li>/,
    );
  });

  it('counts the methods', async () => {
    const differences = { SimSiam: [5, 5.1], BYOL: [3, 3.1], 'MoCo v2': [1, -1], SimCLR: [-5, -5.1] };
    const runs = Object.entries(differences).flatMap(([method, list]) => ofMethod(method, pairs({ w2a4: list })));
    assert.equal(
      await headline(runs),
      'SSQL is ahead at w2a4 for 2 of 4 methods, behind for 1, no clear difference for 1',
    );
    const unclear = runs.filter(({ cell }) => cell['method'] === 'MoCo v2');
    assert.equal(
      await headline([...unclear, ...ofMethod('SimCLR', pairs({ w2a4: [1, -1] }))]),
      'No clear difference between SSQL and plain at w2a4 for 2 of 2 methods',
    );
  });

  it('claims nothing for one seed', async () => {
    const runs = ['BYOL', 'SimCLR'].flatMap((method) => ofMethod(method, pairs({ w2a4: [5] })));
    assert.equal(await headline(runs), 'Accuracy of SSQL is higher at w2a4 for 2 of 2 methods (one seed: no interval)');
    const equal = ['BYOL', 'SimCLR'].flatMap((method) => ofMethod(method, pairs({ w2a4: [0] })));
    assert.equal(await headline(equal), 'Accuracy of SSQL is equal at w2a4 for 2 of 2 methods (one seed: no interval)');
    const page = await renderReport(runs, { title: 'x' });
    assert.match(page, /differences in points:\s+one seed: no interval/);
    assert.doesNotMatch(/<header>[^]*<\/header>/.exec(page)?.[0] ?? '', /ahead|behind|±/);
  });

  it('counts by the label of the wrapper, whatever groups are called', async () => {
    const runs = ['BYOL', 'SimCLR'].flatMap((method) => ofMethod(method, pairs({ w2a4: [5, 5.1] })));
    const renamed = runs.map((run) => ({ ...run, group: run.group.replace('SSQL-', 'Ours: ') }));
    assert.equal(await headline(renamed), 'Ours: is ahead at w2a4 for 2 of 2 methods');
  });

  it('compares no method with the baseline of another', async () => {
    const both = ofMethod('BYOL', pairs({ w2a4: [5, 5.1] }));
    const alone = ofMethod('MoCo v2', pairs({ w2a4: [-9, -9.1] })).filter(({ quantized }) => quantized);
    assert.equal(
      await headline([...both, ...alone]),
      'At w2a4, SSQL-BYOL (85.0 %) is ahead of BYOL (80.0 %): +5.05 ±0.64 points',
    );
  });

  it('compares with the only baseline of a method where a matrix leaves out equal ones', async () => {
    const withBits = (runs: readonly RunRecord[], bits: number): RunRecord[] =>
      runs.map((run) => ({ ...run, cell: { bits, ...run.cell }, group: `${run.group} bits ${bits}` }));
    const [some, others] = [pairs({ w2a4: [5, 5.1] }), pairs({ w2a4: [1, 1.1] })];
    const runs = [...withBits(some, 2), ...withBits(others.filter(({ quantized }) => quantized), 4)]; // prettier-ignore
    assert.deepEqual(
      listDifferences(runs).map(({ group, baseline }) => [group, baseline]),
      [
        ['SSQL-SimSiam bits 2', 'SimSiam bits 2'],
        ['SSQL-SimSiam bits 4', 'SimSiam bits 2'],
      ],
    );
  });

  it('names the first value of an axis that others are compared with', async () => {
    const plain = (method: string, differences: readonly number[]): RunRecord[] =>
      ofMethod(method, pairs({ w2a4: differences })).filter(({ quantized }) => quantized);
    const runs = [plain('SimSiam', [0, 0]), plain('BYOL', [5, 5.1]), plain('SimCLR', [1, -1])].flat();
    assert.equal(await headline(runs), 'Compared with SSQL-SimSiam at w2a4: 1 of 2 ahead, 1 no clear difference');
  });

  it('is the range of the results if no two seeds are equal', async () => {
    const runs = pairs({ w2a4: [5, 5.1] });
    const elsewhere = runs.map((run) =>
      run.quantized ? { ...run, cell: { ...run.cell, seed: Number(run.cell['seed']) + 7 } } : run,
    );
    const page = await renderReport(elsewhere, { title: 'x' });
    assert.match(page, /<h1>At w2a4, from 80\.0\u00a0% \(SimSiam\) to 85\.0\u00a0% \(SSQL-SimSiam\)<\/h1>/);
    assert.match(page, /<li>Nothing was compared: no two runs have equal seeds\.<\/li>/);
  });

  it('states the fewest and the most seeds of a group', async () => {
    const runs = pairs({ w2a4: [5, 5.1, 5.2] });
    const page = await renderReport(runs.slice(1), { title: 'x' });
    assert.match(page, /mean ± standard deviation of 2 to 3 seeds/);
  });
});
