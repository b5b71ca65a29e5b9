import assert from 'node:assert/strict';
import { renderReport } from '../../packages/core/src/index.js';
import { csvOf, latexOf } from '../../packages/core/src/report/table-files.js';
import { quickstartRuns } from './quickstart-runs.js';

const TABLE = {
  caption: 'accuracy in %',
  corner: 'precision',
  columns: [{ label: 'SimSiam' }, { label: 'a "b", c' }],
  rows: [
    {
      name: { label: 'w2a4' },
      cells: [
        { text: '85.5 ±1.8', value: 85.53, spread: 1.81 },
        { text: '−3', value: -3 },
      ],
    },
    { name: { label: '=1+1' }, cells: [undefined, { text: '50 % of #1_{x}\\' }] },
  ],
};

describe('tables as files', () => {
  it('are CSV with all digits and a column for what follows a ±', () => {
    assert.equal(
      csvOf(TABLE),
      'precision,SimSiam,SimSiam ±,"a ""b"", c"\r\nw2a4,85.53,1.81,-3\r\n\'=1+1,,,50 % of #1_{x}\\\r\n',
    );
  });

  it('are CSV without rounding errors, and without a text that spreadsheets compute', () => {
    const names = ['+a', '-a', '@a', '\ta', '\ra', '-3', 'a'];
    const cells = [{ text: '0.3', value: 0.1 + 0.2 }];
    const rows = names.map((label) => ({ name: { label }, cells }));
    assert.equal(
      csvOf({ caption: '', corner: '', columns: [{ label: 'x' }], rows }),
      [',x', "'+a,0.3", "'-a,0.3", "'@a,0.3", "'\ta,0.3", '"\'\ra",0.3', '-3,0.3', 'a,0.3', ''].join('\r\n'),
    );
  });

  it('are LaTeX that no text can break', () => {
    const rows = [{ name: { label: '[a] 1–2' }, cells: [{ text: '~^' }] }];
    const [, , , , , row] = latexOf({ caption: '', corner: '', columns: [{ label: 'x' }], rows }).split('\n');
    assert.equal(row, '  {[}a] 1--2 & \\textasciitilde{}\\textasciicircum{} \\\\');
  });

  it('are LaTeX with the digits that are shown, and nothing of LaTeX in the texts', () => {
    assert.equal(
      latexOf(TABLE),
      [
        '% accuracy in %',
        '\\begin{tabular}{lrr}',
        '  \\toprule',
        '  precision & SimSiam & a "b", c \\\\',
        '  \\midrule',
        '  w2a4 & 85.5 $\\pm$1.8 & $-$3 \\\\',
        '  =1+1 &  & 50 \\% of \\#1\\_\\{x\\}\\textbackslash{} \\\\',
        '  \\bottomrule',
        '\\end{tabular}',
        '',
      ].join('\n'),
    );
  });
});

describe('downloads of the report', () => {
  it('are each figure as SVG that stands alone, and each table as CSV and LaTeX, within the page', async () => {
    const page = await renderReport(quickstartRuns([1, 2, 3]), { title: 'quickstart' });
    const files = [...page.matchAll(/<a download="([^"]*)" href="data:[^,]*,([^"]*)"/g)].map(([, name, data]) => ({
      name: name!,
      text: decodeURIComponent(data!.replaceAll('&amp;', '&')),
    }));
    const count = (ending: string): number => files.filter(({ name }) => name.endsWith(ending)).length;
    assert.equal(count('.svg'), page.split('<figure').length - 1);
    assert.equal(count('.csv'), count('.tex'));
    assert.equal(count('.csv'), count('.svg') + 1); // the table of timings
    const accuracy = files.find(({ name }) => name === 'linear-probe-accuracy-in-.svg');
    assert.ok(accuracy, files.map(({ name }) => name).join('\n'));
    assert.match(accuracy.text, /^<svg[^]*<\/svg>\n$/);
    assert.doesNotMatch(accuracy.text, /var\(--|inherit/);
    for (const text of ['SimSiam', 'SSQL-SimSiam', 'accuracy in %'])
      assert.ok(accuracy.text.includes(`>${text}</text>`), text);
    const table = files.find(({ name }) => name === 'linear-probe.csv');
    assert.match(table?.text ?? '', /^precision,SimSiam,SimSiam ±,SSQL-SimSiam,SSQL-SimSiam ±\r\nfloat,97\.4,/);
  });
});
