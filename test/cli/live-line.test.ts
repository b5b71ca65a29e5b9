import assert from 'node:assert/strict';
import { createLiveLine, type LiveLine } from '../../packages/core/src/cli/live-line.js';
import { createRunStatus } from '../../packages/core/src/cli/run-status.js';
import { cut, fit, formatBar, shareOf } from '../../packages/core/src/cli/fit.js';
import { resultLine } from '../../packages/core/src/cli/result-line.js';
import { formatDuration } from '../../packages/core/src/duration.js';
import type { Evaluation } from '@ssql/core';
import type { RunEvent } from '../../packages/core/src/run/run-event.js';

function stage(isTTY: boolean, columns = 80, environment: object = { NO_COLOR: '1' }) {
  const written: string[] = [];
  const clock = { time: 0 };
  const line = createLiveLine(
    { isTTY, columns, write: (text) => written.push(text) },
    { now: () => clock.time, environment: environment as { readonly [name: string]: string } },
  );
  return { written, clock, line };
}

const LABELS = ['SimSiam seed 1', 'SSQL-SimSiam seed 1', 'SSQL-SimSiam seed 2'];
const PLACES = LABELS.map((label, index) => ({ number: index + 1, of: 3, label, folder: `runs/${index}` }));
const EVALUATIONS = ['float', 'w8a8', 'w4a4', 'w3a3', 'w2a8', 'w2a4', 'w2a3'].flatMap((precision, index) =>
  (['matched', 'float'] as const).map((classifier): Evaluation => {
    return { stage: 'linear-probe', precision, classifier, metric: 'accuracy', value: 98 - index / 2 };
  }),
);

/** Three runs of 10 epochs of 10 steps, a second and 100 images each, and of two stages of 20 seconds. */
function runAll(line: LiveLine, clock: { time: number }, after: (event: RunEvent) => void = () => undefined): void {
  const status = createRunStatus(line, () => clock.time);
  const emit = (event: RunEvent): void => {
    status(event);
    after(event);
  };
  emit({
    type: 'planned',
    runs: PLACES.map((run) => ({
      run,
      steps: { done: run.number === 3 ? 100 : 0, total: 100 },
      pending: run.number < 3,
    })),
  });
  for (const run of PLACES) {
    for (let done = 0; run.number < 3 && done <= 100; done++) {
      const steps = { run, done, total: 100, epochs: 10 };
      const metrics = {
        step: done,
        epoch: 0,
        loss: -0.5,
        learningRate: 1,
        parts: {},
        featureStd: 1,
        imagesPerSecond: 100,
      };
      // The first step compiles.
      clock.time += done === 0 ? 0 : done === 1 ? 30_000 : 1000;
      emit({
        type: 'step',
        ...steps,
        ...(done > 0 && { metrics: { ...metrics, imagesPerSecond: done === 1 ? 3 : 100 } }),
      });
    }
    for (const phase of run.number < 3 ? ['linear-probe', 'linear-probe 2'] : [])
      for (let done = 0; done <= 20; done++) {
        clock.time += 1000;
        emit({ type: 'progress', run, phase, message: 'linear probe w4a4', done, total: 20 });
      }
    const record = { evaluations: EVALUATIONS, metrics: [] } as unknown as (RunEvent & { type: 'finished' })['record'];
    emit({ type: 'finished', run, record, ...(run.number < 3 && { seconds: 172 }) });
  }
  line.end();
}

describe('the live line', () => {
  it('formats', () => {
    assert.equal(formatBar(0.5, 4), '━━──');
    assert.deepEqual([4.24, 9.96, 42, 59.7, 185, 200, 3599.6, 7500].map(formatDuration), [
      '4.2s',
      '10s',
      '42s',
      '1m 00s',
      '3m 05s',
      '3m 20s',
      '1h 00m',
      '2h 05m',
    ]);
    assert.deepEqual([cut('12345', 5), cut('12345', 4), cut('12345', 0)], ['12345', '123…', '']);
    assert.equal(fit(['12345', '123', '12'], 3), '123');
    // Two columns each.
    assert.deepEqual([cut('日本語', 6), cut('日本語', 5), cut('日本語', 4)], ['日本語', '日本…', '日…']);
    assert.equal(fit(['日本語', '日本'], 5), '日本');
    assert.equal(cut('12345', 3), '12…');
    assert.deepEqual([shareOf(3, 2), shareOf(-1, 2), shareOf(1, 2), shareOf(0, 0)], [1, 0, 0.5, 1]);
  });

  it('is drawn at most 10 times a second on a terminal, and erased', () => {
    const { written, clock, line } = stage(true);
    for (; clock.time <= 1000; clock.time += 10) line.update({ task: 'a', line: () => String(clock.time) });
    assert.equal(written.length, 11);
    assert.ok(written.every((text) => text.startsWith('\r\x1b[2K') && !text.includes('\x1b[36m')));
    line.note('hello');
    assert.equal(written.at(-1), '\r\x1b[2Khello\n1000');
    line.end();
    assert.equal(written.at(-1), '\r\x1b[2K');
  });

  it('is plain elsewhere: a line for each task, and one a minute', () => {
    const { written, clock, line } = stage(false);
    for (; clock.time <= 200_000; clock.time += 1000) line.update({ task: 'a', line: () => String(clock.time / 1000) });
    line.update({ task: 'b', line: (columns) => String(columns) });
    line.end();
    assert.deepEqual(written, ['0\n', '60\n', '120\n', '180\n', 'Infinity\n']);
  });

  it('colours bars unless NO_COLOR is set', () => {
    for (const [environment, colored] of [
      [{}, true],
      [{ NO_COLOR: '1' }, false],
    ] as const) {
      const { written, line } = stage(true, 80, environment);
      line.update({ task: 'a', line: () => '━━──' });
      assert.equal(written[0]?.includes('\x1b[36m━━\x1b[39m'), colored);
    }
  });
});

describe('the status of runs', () => {
  it('ends each run in one line with its results, and estimates what is left', () => {
    const { written, clock, line } = stage(true, 121);
    const drawn: string[] = [];
    runAll(line, clock, () => drawn.push((written.at(-1) ?? '').replace('\r\x1b[2K', '')));
    assert.ok(
      drawn.includes(
        'SimSiam seed 1 (1/3)  pretrain  ━━━━━━━━────────  epoch 6/10  loss -0.5000  100 images/s  50s left, all 2m 30s+',
      ),
      drawn[51],
    );
    assert.ok(drawn.some((text) => /^SSQL-SimSiam seed 1 \(2\/3\) .*epoch 6\/10 .* 50s left, all 1m 32s$/.test(text)));
    assert.ok(drawn.some((text) => text.includes('(1/3)  ━━━━━━━━────────  linear-probe 2: w4a4  50%')));
    const ends = written.filter((text) => text.includes('float 98.0')).map((text) => text.replace('\r\x1b[2K', ''));
    const results = 'float 98.0 | w8a8 97.5 | w4a4 97.0 | w3a3 96.5 | w2a8 96.0 | w2a4 95.5 | w2a3 95.0';
    assert.equal(ends[0], `SimSiam seed 1       ${results}  2m 52s\n`);
    assert.equal(ends[2], `SSQL-SimSiam seed 2  ${results}  finished before\n`);
  });

  it('has the results of one metric in the line of a run, and aligns wide labels', () => {
    const evaluations = (['accuracy', 'loss'] as const).map((metric): Evaluation => {
      return { stage: 'probe', precision: 'w4a4', classifier: 'matched', metric, value: 9.5 };
    });
    const record = { evaluations, metrics: [] } as unknown as (RunEvent & { type: 'finished' })['record'];
    const run = { number: 1, of: 1, label: '日本', folder: 'x' };
    assert.equal(resultLine({ type: 'finished', run, record, seconds: 1 }, 6, 80), '日本    w4a4 9.5  1.0s');
  });

  it('keeps eight columns of a name that does not fit, and 79 where a terminal does not tell its width', () => {
    const { written, line } = stage(true, 12);
    const status = createRunStatus(line, () => 0);
    const run = { number: 1, of: 1, label: 'a long name', folder: 'x' };
    status({ type: 'progress', run, phase: 'linear-probe', message: '', done: 10, total: 20 });
    assert.equal(written[0]?.replace('\r\x1b[2K', ''), 'a long …  …');
    const silent = createLiveLine({ isTTY: true, write: () => undefined }, { now: () => 0 });
    assert.equal(silent.columns(), 79);
  });

  it('leaves out results in the middle where they do not fit', () => {
    const { written, clock, line } = stage(true);
    runAll(line, clock);
    const end = 'SSQL-SimSiam seed 1  float 98.0 | w8a8 97.5 | … | w2a4 95.5 | w2a3 95.0  2m 52s\n';
    assert.ok(written.includes(end), written.filter((text) => text.includes('…')).join(''));
  });

  it('fits every width, and keeps a bar at 80 columns', () => {
    for (let columns = 20; columns < 130; columns += 1) {
      const { written, clock, line } = stage(true, columns);
      runAll(line, clock);
      for (const text of written.flatMap((part) => part.replaceAll('\r\x1b[2K', '').split('\n')))
        assert.ok(text.length < columns, `${columns}: ${text}`);
      if (columns >= 80)
        assert.ok(written.some((text) => /SSQL-SimSiam seed 1 \(2\/3\)  (pretrain  )?[━─]+  epoch/.test(text)));
    }
  });

  it('is concise in a pipe', () => {
    const { written, clock, line } = stage(false);
    runAll(line, clock);
    assert.deepEqual(
      written.map((text) => text.replace(/float 98.*95.0/, '...').replace(/ left.*/, ' left')),
      [
        'SimSiam seed 1 (1/3)  pretrain  epoch 1/10\n',
        'SimSiam seed 1 (1/3)  pretrain  epoch 4/10  loss -0.5000  100 images/s  1m 09s left\n',
        'SimSiam seed 1 (1/3)  pretrain  epoch 10/10  loss -0.5000  100 images/s  9.0s left\n',
        'SimSiam seed 1       ...  2m 52s\n',
        'SSQL-SimSiam seed 1 (2/3)  pretrain  epoch 1/10  all 2m 22s\n',
        'SSQL-SimSiam seed 1 (2/3)  pretrain  epoch 4/10  loss -0.5000  100 images/s  1m 09s left\n',
        'SSQL-SimSiam seed 1 (2/3)  pretrain  epoch 10/10  loss -0.5000  100 images/s  9.0s left\n',
        'SSQL-SimSiam seed 1  ...  2m 52s\n',
        'SSQL-SimSiam seed 2  ...  finished before\n',
      ],
    );
  });
});
