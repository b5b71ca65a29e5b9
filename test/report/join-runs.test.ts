import assert from 'node:assert/strict';
import type { RunRecord } from '../../packages/core/src/index.js';
import { groupRuns } from '../../packages/core/src/report/group-runs.js';
import { listDifferences } from '../../packages/core/src/report/differences.js';
import { joinRuns } from '../../packages/core/src/report/join-runs.js';
import { makeRun, quickstartRuns } from './quickstart-runs.js';

/** The same runs as another pipeline or another machine has them. */
function elsewhere(runs: readonly RunRecord[], { pipeline = 'quickstart', machine = 'a' }): readonly RunRecord[] {
  return runs.map((run) => ({
    ...run,
    folder: `${machine}/${run.folder}`,
    pipeline: run.pipeline.replace('name: quickstart', `name: ${pipeline}`),
  }));
}

function groups(runs: readonly RunRecord[]): readonly unknown[] {
  return groupRuns(joinRuns(runs)).map(({ label, panel, runs: members }) => [label, panel, members.length]);
}

describe('joined runs', () => {
  it('of several machines are the seeds of one group, and copies count once', () => {
    const runs = [
      ...elsewhere(quickstartRuns([1, 2]), { machine: 'a' }),
      ...elsewhere(quickstartRuns([2, 3]), { machine: 'b' }),
    ];
    assert.deepEqual(groups(runs), [
      ['SimSiam', 'SimSiam', 3],
      ['SSQL-SimSiam', 'SimSiam', 3],
    ]);
    assert.deepEqual(joinRuns(runs.slice(0, 4)), runs.slice(0, 4));
  });

  it('are paired by their seeds, also where the matrix has none', () => {
    const runs = quickstartRuns([1, 2]).map(({ cell: { seed: _seed, ...cell }, ...run }) => ({ ...run, cell }));
    const [comparison] = listDifferences(joinRuns(runs));
    assert.deepEqual(listDifferences(joinRuns(runs)), listDifferences(quickstartRuns([1, 2])));
    assert.equal(comparison!.pairs, 2);
    const [onlyPlain, , , ssql] = runs;
    assert.deepEqual(listDifferences(joinRuns([onlyPlain!, ssql!])), [], 'other seeds are no pair');
  });

  it('are not seeds of each other if one was trained in bfloat16', () => {
    const [a, b] = quickstartRuns([1, 2]);
    const half = { ...b!, pipeline: `${b!.pipeline}engine: { precision: bfloat16 }\n` };
    assert.equal(groups([a!, half]).length, 2);
  });

  it('of several pipelines are groups of their own, named after the pipeline if labels are equal', () => {
    const runs = [...quickstartRuns([1]), ...elsewhere(quickstartRuns([1]), { pipeline: 'wide' })];
    assert.deepEqual(groups(runs), [
      ['SimSiam (quickstart)', 'SimSiam (quickstart)', 1],
      ['SSQL-SimSiam (quickstart)', 'SimSiam (quickstart)', 1],
      ['SimSiam (wide)', 'SimSiam (wide)', 1],
      ['SSQL-SimSiam (wide)', 'SimSiam (wide)', 1],
    ]);
  });

  it('are seeds of each other if only stages and evaluation differ, and of copies the first counts', () => {
    const [a, b] = [makeRun({ wrap: 'ssql', seed: 1 }), makeRun({ wrap: 'ssql', seed: 2 })];
    const evaluated = {
      ...b,
      pipeline: `${b.pipeline}stages: [knn]\nevaluation: { test: validation }\nlabels: { a: b }\n`,
    };
    assert.equal(groups([a, evaluated]).length, 1);
    const copy = { ...a, folder: `elsewhere/${a.folder}` };
    assert.deepEqual(
      joinRuns([a, copy]).map(({ folder }) => folder),
      [a.folder],
    );
    assert.deepEqual(
      joinRuns([copy, a]).map(({ folder }) => folder),
      [copy.folder],
    );
  });

  it('are not seeds of each other if they were trained differently', () => {
    const run = makeRun({ wrap: 'ssql', seed: 1 });
    const longer = {
      ...makeRun({ wrap: 'ssql', seed: 2 }),
      pipeline: run.pipeline.replace('epochs: 30', 'epochs: 60'),
    };
    assert.deepEqual(groups([run, longer]), [
      ['SSQL-SimSiam', 'SSQL-SimSiam', 1],
      ['SSQL-SimSiam (2)', 'SSQL-SimSiam', 1],
    ]);
  });
});
