import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillResults } from '../scripts/result-tables.js';
import { makeRun } from './report/quickstart-runs.js';

const END = '<!-- end of results -->';

interface Group {
  readonly wrap: 'none' | 'ssql';
  readonly w3a3: readonly number[];
  readonly cell?: object;
}

describe('result tables of Markdown files', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-results-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Writes a result file with a run for each accuracy of each group, of seeds 1, 2, ...; all have 98% at float. */
  const write = (file: string, groups: { readonly [label: string]: Group }): void => {
    const runs = Object.entries(groups).flatMap(([group, { wrap, w3a3, cell }]) =>
      w3a3.map((value, index) => {
        const run = makeRun({ wrap, seed: index + 1, accuracies: { float: 0.98, w3a3: value / 100 } });
        return { ...run, group, cell: { ...run.cell, ...cell } };
      }),
    );
    writeFileSync(join(folder, file), JSON.stringify({ runs }));
  };
  const fill = (marker: string, old = ''): Promise<string> =>
    fillResults(`a\n\n${marker}\n${old}${END}\n\nb\n`, folder);

  const pair = (): void =>
    write('r.json', {
      SimSiam: { wrap: 'none', w3a3: [90, 91, 92] },
      'SSQL-SimSiam': { wrap: 'ssql', w3a3: [95, 93.95, 95.45] },
    });

  it('replace what was between the marks, and nothing else', async () => {
    pair();
    const marker = '<!-- results r.json: stage=linear-probe precisions=w3a3 -->';
    const table = [
      '| accuracy in % | w3a3 |',
      '| --- | --: |',
      '| SimSiam | 91.00 |',
      '| SSQL-SimSiam | 94.80 |',
      '| SSQL-SimSiam − SimSiam | +3.80 ±2.66 |',
      '',
      "_Means of 3 seeds; differences: mean of 3 pairs of runs with equal seeds ± 95% interval (Student's t)._",
      '',
      '- SSQL-SimSiam against SimSiam: ahead at w3a3.',
    ].join('\n');
    assert.equal(await fill(marker, 'what stood here\n'), `a\n\n${marker}\n\n${table}\n\n${END}\n\nb\n`);
  });

  it('show each seed, and each block of a file', async () => {
    pair();
    const marker = '<!-- results r.json: stage=linear-probe precisions=float,w3a3 show=seeds -->';
    const text = await fillResults(`${marker}\n${END}\n${marker}\n${END}\n`, folder);
    assert.equal(text.split('| SSQL-SimSiam − SimSiam, seed 2 | 0.00 | +2.95 |').length, 3);
    assert.doesNotMatch(text, /_Means|against|±/);
  });

  it('average comparisons by seed before they take the interval', async () => {
    write('r.json', {
      SimSiam: { wrap: 'none', w3a3: [90, 90], cell: { method: 'simsiam' } },
      'SSQL-SimSiam': { wrap: 'ssql', w3a3: [93, 90], cell: { method: 'simsiam' } },
      BYOL: { wrap: 'none', w3a3: [80, 80], cell: { method: 'byol' } },
      'SSQL-BYOL': { wrap: 'ssql', w3a3: [81, 82], cell: { method: 'byol' } },
    });
    const text = await fill('<!-- results r.json: stage=linear-probe precisions=w3a3 show=differences,average -->');
    // 3 and 0, 1 and 2: by seed 2 and 1, so 1.5 with the standard error 0.5, times 12.7062.
    assert.match(text, /\n\| mean of these 2 differences \| \+1\.50 ±6\.35 \|\n/);
    assert.match(text, /\| SSQL-BYOL − BYOL \| \+1\.50 ±6\.35 \|/);
    assert.match(text, /\| SSQL-SimSiam − SimSiam \| \+1\.50 ±19\.06 \|/);
  });

  it('show a metric that is no percentage with four decimals', async () => {
    const run = makeRun({ wrap: 'none', seed: 1, accuracies: {} });
    const term = {
      stage: 'decomposition',
      precision: 'w4a4',
      classifier: 'float',
      metric: 'cross term',
      value: -0.00232,
    };
    writeFileSync(join(folder, 'r.json'), JSON.stringify({ runs: [{ ...run, evaluations: [term] }] }));
    const text = await fill('<!-- results r.json: stage=decomposition classifier=float metric=cross show=means -->');
    assert.match(text, /\| cross term \| w4a4 \|\n.*\n\| \S+ \| -0\.0023 \|/);
  });

  it('compare along another value of the matrix', async () => {
    write('r.json', {
      float32: { wrap: 'ssql', w3a3: [90, 91], cell: { 'engine.precision': 'float32' } },
      bfloat16: { wrap: 'ssql', w3a3: [91, 92], cell: { 'engine.precision': 'bfloat16' } },
    });
    const text = await fill('<!-- results r.json: stage=linear-probe show=differences along=engine.precision -->');
    assert.match(text, /\| bfloat16 − float32 \| 0\.00 ±0\.00 \| \+1\.00 ±0\.00 \|/);
  });

  it('compare with the baselines of several files where `+` joins them, and else within each', async () => {
    pair();
    write('long.json', { 'SimSiam, 60 epochs': { wrap: 'none', w3a3: [94, 95, 93] } });
    const text = await fill('<!-- results r.json+long.json: stage=linear-probe precisions=w3a3 show=differences -->');
    assert.match(
      text,
      /\| SSQL-SimSiam − SimSiam \| \+3\.80 ±2\.66 \|\n\| SSQL-SimSiam − SimSiam, 60 epochs \| \+0\.80 ±/,
    );
    const apart = await fill('<!-- results r.json long.json: stage=linear-probe show=differences -->');
    assert.doesNotMatch(apart, /− SimSiam, 60/);
    write('same.json', { SimSiam: { wrap: 'none', w3a3: [94] } });
    await assert.rejects(
      fill('<!-- results r.json same.json: stage=linear-probe -->'),
      /two rows are called "SimSiam"/,
    );
  });

  it('refuse marks that name what is not there', async () => {
    pair();
    for (const [marker, says] of [
      ['<!-- results none.json: stage=linear-probe -->', /none\.json: ENOENT/],
      ['<!-- results r.json: stage=probe -->', /no results of stage=probe .* stage=linear-probe classifier=matched/],
      ['<!-- results r.json: stage=linear-probe precisions=w9a9 -->', /at w9a9\. Write some of float, w3a3/],
      ['<!-- results r.json: stage=linear-probe show=best -->', /cannot be `best`/],
      ['<!-- results r.json: stage=linear-probe columns=w3a3 -->', /`columns=w3a3` is no option/],
      ['<!-- results r.json stage=linear-probe -->', /incomplete/],
    ] as const)
      await assert.rejects(fill(marker), says);
    await assert.rejects(fillResults('<!-- results r.json: stage=linear-probe -->\n', folder), /incomplete/);
  });
});
