import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { EVALUATION_PRECISION_PATTERN } from '../quantization/evaluation-precision.js';
import { runStage, type StageLaw } from './stage-subject.js';

/** Calls of its context after which a run is stopped. */
const STOPS = [0, 1, 3];

/** Laws of every stage. */
export const STAGE_LAWS: readonly StageLaw[] = Object.freeze<StageLaw[]>([
  {
    name: 'its results have a stage, a precision, a metric and a finite value',
    check: (subject) =>
      runStage(subject, subject.made, ({ recorded }) => {
        for (const { stage, precision, classifier, metric, value } of recorded) {
          const shown = JSON.stringify({ stage, precision, classifier, metric, value });
          for (const text of [stage, metric] as unknown[])
            assert.ok(typeof text === 'string' && text !== '', `the stage or the metric of ${shown} has no name`);
          assert.match(precision, new RegExp(EVALUATION_PRECISION_PATTERN), `the precision of ${shown}`);
          assert.ok(['matched', 'float'].includes(classifier), `the classifier of ${shown}`);
          assert.ok(Number.isFinite(value), `the value of ${shown} is ${String(value)}`);
        }
      }),
  },
  {
    name: 'it records each result once',
    check: (subject) =>
      runStage(subject, subject.made, ({ recorded }) => {
        const keys = recorded.map(({ stage, precision, classifier, metric }) =>
          [stage, precision, classifier, metric].join(' '),
        );
        const twice = keys.find((key, index) => keys.indexOf(key) !== index);
        assert.equal(twice, undefined, `${twice} is recorded twice`);
      }),
  },
  {
    name: 'its results are a function of its context',
    async check(subject) {
      const resultsOf = async (stage: typeof subject.made) => {
        let results: readonly unknown[] = [];
        await runStage(subject, stage, ({ recorded }) => void (results = recorded));
        return results;
      };
      const first = await resultsOf(subject.made);
      assert.deepEqual(await resultsOf(subject.made), first, 'results differ the second time');
      assert.deepEqual(await resultsOf(await subject.again()), first, 'results of a second instance differ');
    },
  },
  {
    name: 'it leaves its features as they are',
    check: (subject) =>
      runStage(subject, subject.made, ({ lent }) => {
        for (const { before, after } of lent)
          assert.deepEqual(after, before, 'it changed features that later stages get too; copy them first');
      }),
  },
  {
    name: 'it ends if the run is stopped',
    async check(subject) {
      for (const stopAt of STOPS)
        await runStage(
          subject,
          subject.made,
          ({ refused, error }) => {
            if (!refused) return; // it ended before the run was stopped
            assert.ok(error !== undefined, 'it goes on after the run was stopped');
            assert.equal(
              (error as Error).name,
              'AbortError',
              `it throws ${String(error)} instead of the reason of the stop`,
            );
          },
          stopAt,
        );
    },
  },
  {
    name: 'it leaks no tensor',
    async check(subject) {
      for (const stopAt of [...STOPS, Infinity]) {
        const before = subject.engine.memory().tensors;
        await runStage(subject, subject.made, () => undefined, stopAt);
        const when = stopAt === Infinity ? '' : ' if the run is stopped';
        assert.equal(subject.engine.memory().tensors - before, 0, `tensors outlive the stage${when}`);
      }
    },
  },
  {
    name: 'the files that it publishes are in the folder of the runs',
    check: (subject) =>
      runStage(subject, subject.made, ({ published, folder }) => {
        for (const file of published) {
          assert.ok(!relative(folder, file).startsWith('..'), `${file} is not in the folder of the runs`);
          assert.ok(existsSync(file), `${file} does not exist`);
        }
      }),
  },
]);
