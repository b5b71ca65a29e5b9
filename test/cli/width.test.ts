import assert from 'node:assert/strict';
import { plugins } from '@ssql/plugins';
import type { RunSummary } from '../../packages/core/src/artifact/run-summary.js';
import { formatPlugins } from '../../packages/core/src/cli/list.js';
import { formatRuns } from '../../packages/core/src/cli/runs.js';
import { describePlugin } from '../../packages/core/src/cli/show.js';
import type { RunRecord } from '../../packages/core/src/index.js';
import { renderTable } from '../../packages/core/src/run.js';
import { bitsRuns, methodRuns } from '../report/matrix-runs.js';
import { quickstartRuns } from '../report/quickstart-runs.js';

/** Fails if a line is wider than a terminal. */
function fits(text: string, columns: number): void {
  for (const line of text.split('\n')) assert.ok(line.length <= columns, `${line.length} of ${columns}: ${line}`);
}

/** The words of a text, in whatever lines. */
const wordsOf = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');

describe('what fits the terminal', () => {
  for (const columns of [80, 120]) {
    it(`at ${columns} columns: the list of plugins, by kind`, () => {
      const text = formatPlugins(plugins, columns);
      fits(text, columns);
      const kinds = [...new Set(plugins.map(({ kind }) => kind))];
      assert.deepEqual(
        text.split('\n').filter((line) => /^\S/.test(line)),
        kinds,
      );
      for (const { name } of plugins) assert.match(text, new RegExp(`^ {2}${name} {2}`, 'm'));
    });

    it(`at ${columns} columns: each plugin, with all that is said of its options`, () => {
      for (const plugin of plugins) {
        const text = describePlugin(plugin, columns);
        fits(text, columns);
        const words = new Set(wordsOf(text));
        for (const [name, option] of Object.entries(plugin.options.properties))
          for (const word of [name, ...wordsOf(option.description)])
            assert.ok(words.has(word), `${plugin.name}.${name}: ${word}`);
      }
    });

    it(`at ${columns} columns: runs, with the values of the matrix that tell them apart`, () => {
      const text = formatRuns(methodRuns([1]).map(summaryOf), columns);
      fits(text, columns);
      assert.match(
        text,
        /\n {4}method: byol \{"dim":128\}, quantization\.wrap: ssql, seed: 1\n {4}linear-probe matched: /,
      );
      assert.match(text, /^methods\/ssql-byol-1\b.*(\n {4}| +)finished +2026-01-02 /m);
    });

    it(`at ${columns} columns: the table of results, with all numbers`, () => {
      for (const runs of [quickstartRuns(), quickstartRuns([1, 2, 3]), methodRuns(), bitsRuns()]) {
        const text = renderTable(runs, columns);
        fits(text, columns);
        const numbers = (table: string): readonly string[] =>
          (table.match(/(?<= {2})[+-]?\d+\.\d+( ±\d+\.\d+)?(?=\s)/g) ?? []).toSorted();
        assert.deepEqual(numbers(text), numbers(renderTable(runs)));
      }
    });
  }

  it('continues precisions below, under the name of the stage', () => {
    const [run] = quickstartRuns();
    const evaluations = run!.evaluations.filter(({ classifier, stage }) => stage === 'knn' && classifier === 'matched');
    const lines = renderTable([{ ...run!, evaluations }], 32).split('\n');
    assert.equal(lines[0], 'knn, matched');
    assert.match(lines[1]!, /^ {2}run +float +w8a8 +w4a4$/);
    assert.match(lines[2]!, /^ {2}SimSiam +\d\d\.\d +\d\d\.\d +\d\d\.\d$/);
    assert.deepEqual([lines[3], wordsOf(lines[4]!)], ['', ['run', 'w3a3', 'w2a8', 'w2a4']]);
  });
});

function summaryOf({ label, cell, evaluations }: RunRecord): RunSummary {
  return {
    folder: '',
    id: `${label.toLowerCase().replace(/ (seed )?/g, '-')}-1a2b3c4d`,
    pipeline: 'methods',
    label,
    cell,
    state: 'finished',
    epochs: { done: 3, total: 3 },
    date: '2026-01-02T12:00:00Z',
    seconds: 100,
    evaluations,
  };
}
