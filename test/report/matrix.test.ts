import assert from 'node:assert/strict';
import { renderReport, type RunRecord } from '../../packages/core/src/index.js';
import { groupRuns } from '../../packages/core/src/report/group-runs.js';
import { bitsRuns, methodRuns } from './matrix-runs.js';
import { makeRun, quickstartRuns } from './quickstart-runs.js';

describe('the report of a matrix of methods and wrappers', () => {
  let page: string;

  before(async () => {
    page = await renderReport(methodRuns(), { title: 'methods' });
  });

  it('counts the methods in its headline', () => {
    assert.match(page, /<h1>SSQL is ahead at w2a3 for 2 of 4 methods, behind for 2<\/h1>/);
  });

  it('has a colour for each wrapper, and no other', () => {
    const legend = /<ul class="legend"[^]*?<\/ul>/.exec(page)?.[0] ?? '';
    assert.deepEqual(
      [...legend.matchAll(/fill="var\(--series-(\d)\)"[^]*?<\/svg>\s*(\S+)/g)].map(([, colour, name]) => [
        colour,
        name,
      ]),
      [
        ['0', 'plain'],
        ['1', 'SSQL'],
      ],
    );
    assert.deepEqual(
      [...new Set([...page.matchAll(/"var\(--series-(\d)\)"/g)].map(([, colour]) => colour))],
      ['0', '1'],
    );
  });

  it('has a small panel for each method, the differences first', () => {
    const figures = figuresOf(page);
    assert.deepEqual(
      figures.slice(0, 2).map(({ title }) => title),
      ['linear-probe: differences of accuracy in points', 'linear-probe: accuracy in %'],
    );
    for (const { title, panels } of figures) assert.deepEqual(panels, ['SimSiam', 'BYOL', 'MoCo v2', 'SimCLR'], title);
  });

  it('gives accuracies one scale and losses their own', () => {
    const ticks = (title: string): readonly string[] => {
      const { charts } = figuresOf(page).find((figure) => figure.title === title)!;
      return charts.map((chart) => numbersAlong(chart).join(' '));
    };
    assert.equal(new Set(ticks('linear-probe: accuracy in %')).size, 1);
    assert.equal(new Set(ticks('Loss, float part')).size, 4);
  });

  it('puts the bars of runs with the same precision beside each other', () => {
    const { charts } = figuresOf(page).find(({ title }) => title === 'linear-probe: accuracy in %')!;
    const places = [...charts[0]!.matchAll(/transform="translate\(([\d.]+),[\d.]+\)"[^>]*><title>[^<]*, w2a4: /g)].map(
      ([, x]) => x,
    );
    assert.equal(new Set(places).size, 2, places.join(' '));
  });

  it('shows a value under the pointer', () => {
    assert.match(page, /<title>SSQL-BYOL − BYOL, w2a3: \+10\.10 ±1\.14<\/title>/);
    assert.match(page, /<title>SSQL-SimCLR, w2a3: 52\.3 ±0\.5<\/title>/);
  });
});

describe('the report of other matrices', () => {
  it('compares the values of an axis with its first', async () => {
    const page = await renderReport(bitsRuns(), { title: 'bits' });
    assert.match(page, /<h1>Compared with bits 2,3,4 at w2a3: 2 of 2 behind<\/h1>/);
    const { title, charts } = figuresOf(page)[0]!;
    assert.equal(title, 'linear-probe: differences of accuracy in points');
    // One chart, drawn for wide and for narrow screens.
    assert.equal(charts.length, 2);
  });

  it('counts methods without an interval', async () => {
    const page = await renderReport(methodRuns([1]), { title: 'methods' });
    assert.match(
      page,
      /<h1>Accuracy of SSQL is higher at w2a3 for 2 of 4 methods, lower for 2 \(one seed: no interval\)<\/h1>/,
    );
  });

  it('splits losses of methods that share a panel', async () => {
    const runs = methodRuns([1]).filter(({ quantized }) => quantized);
    const methods = runs.map(({ cell: { method }, ...run }) => ({ ...run, cell: { method } }));
    const page = await renderReport(methods, { title: 'methods' });
    const { panels } = figuresOf(page).find(({ title }) => title === 'Loss, float part')!;
    assert.deepEqual(panels, ['SSQL-SimSiam', 'SSQL-BYOL', 'SSQL-MoCo v2', 'SSQL-SimCLR']);
  });
});

describe('panels and variants of groups', () => {
  const placed = (runs: readonly RunRecord[]): unknown[] =>
    groupRuns(runs).map(({ panel, variant, index }) => [panel, variant, index]);

  it('are those of the wrapper', () => {
    assert.deepEqual(placed(quickstartRuns()), [
      ['SimSiam', 'SimSiam', 0],
      ['SimSiam', 'SSQL-SimSiam', 1],
    ]);
    assert.deepEqual(placed(methodRuns([1])).slice(0, 4), [
      ['SimSiam', 'plain', 0],
      ['SimSiam', 'SSQL', 1],
      ['BYOL', 'plain', 0],
      ['BYOL', 'SSQL', 1],
    ]);
  });

  it('are those of the last axis without one', () => {
    const run = (width: number, rate: number): RunRecord => {
      const label = `width ${width} lr ${rate}`;
      return {
        ...makeRun({ wrap: 'ssql' }),
        cell: { 'backbone.with.width': width, 'optimizer.with.lr': rate },
        label,
        group: label,
      };
    };
    assert.deepEqual(placed([run(8, 0.1), run(8, 0.2), run(16, 0.1), run(16, 0.2)]), [
      ['width 8', 'lr 0.1', 0],
      ['width 8', 'lr 0.2', 1],
      ['width 16', 'lr 0.1', 0],
      ['width 16', 'lr 0.2', 1],
    ]);
  });

  it('are panels alone if there are more values than colours', () => {
    const runs = Array.from({ length: 8 }, (_, index) => ({
      ...makeRun({ wrap: 'ssql' as const }),
      cell: { 'train.batch': index },
      label: `batch ${index}`,
      group: `batch ${index}`,
    }));
    const groups = groupRuns(runs);
    assert.equal(new Set(groups.map(({ panel }) => panel)).size, 8);
    assert.deepEqual([...new Set(groups.map(({ index }) => index))], [1]);
  });

  it('keep apart groups that `labels` renamed', () => {
    const runs = methodRuns([1]).map((run, index) => ({ ...run, group: 'abcdefgh'[index]! }));
    assert.equal(new Set(groupRuns(runs).map(({ panel }) => panel)).size, 4);
  });
});

interface SeenFigure {
  readonly title: string;
  readonly panels: readonly string[];
  readonly charts: readonly string[];
}

function figuresOf(page: string): readonly SeenFigure[] {
  return page
    .split(/<figure[^>]*>/)
    .slice(1)
    .map((figure) => ({
      title: /<h3>(.*?)<\/h3>/.exec(figure)?.[1] ?? '',
      panels: [...figure.matchAll(/<h4>(.*?)<\/h4>/g)].map(([, title]) => title!),
      charts: [...figure.matchAll(/<svg aria-hidden[^]*?<\/svg>/g)].map(([chart]) => chart),
    }));
}

/** The labels of the vertical axis. */
function numbersAlong(chart: string): readonly string[] {
  return [...chart.matchAll(/<text text-anchor="end"[^>]*>([^<]*)<\/text>/g)]
    .map(([, text]) => text!)
    .filter((text) => /\d$/.test(text) && !/^w\d/.test(text));
}
