import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SsqlError, type Evaluation, type Logger, type MonitorMetrics, type StepMetrics } from '@ssql/core';
import { csv } from '../../packages/plugins/src/logger/csv.js';
import { tensorboard } from '../../packages/plugins/src/logger/tensorboard.js';
import { logSession, stepMetrics as metrics } from './log-session.js';
import { make } from './make-plugin.js';
import { readEvents } from './read-events.js';

const evaluation: Evaluation = {
  stage: 'knn',
  precision: 'w4a4',
  classifier: 'matched',
  metric: 'accuracy',
  value: 87.5,
};

/** What a monitor finds; the classifier alone tells two of them apart. */
const monitored = (step: number): MonitorMetrics => ({
  step,
  epochs: step / 2,
  evaluations: [
    evaluation,
    { ...evaluation, classifier: 'float', value: 75 },
    { ...evaluation, stage: 'a, b', metric: 'cross term', value: NaN },
  ],
});

describe('loggers', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-logger-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A session that goes on from a step, at a second of its own. */
  const session = async (
    logger: Logger,
    step: number,
    steps: readonly StepMetrics[],
    watched: readonly MonitorMetrics[] = [],
  ): Promise<void> => {
    const file = (name: string): string => join(folder, name);
    const run = { file, name: 'small/run-1', step, steps: 8, now: () => (1000 + step) * 1000 };
    await logSession(logger, run, [...steps, ...watched], evaluation);
  };

  describe('tensorboard', () => {
    it('writes the scalars of steps and of evaluations', async () => {
      await session(await make(tensorboard), 0, [metrics(1), metrics(300, -0.5)]);
      const [file = '', ...more] = readdirSync(folder);
      assert.deepEqual([file, more], ['events.out.tfevents.1000.ssql', []]);
      const scalars = { learningRate: 0.25, featureStd: 0.5, imagesPerSecond: 64 };
      assert.deepEqual(readEvents(join(folder, file)), [
        { step: 0, start: false, scalars: {} },
        { step: 1, start: false, scalars: { loss: 0.5, 'float, clean': 0.5, ...scalars } },
        { step: 300, start: false, scalars: { loss: -0.5, 'float, clean': -0.5, ...scalars } },
        { step: 300, start: false, scalars: { 'knn/accuracy/matched/w4a4': 87.5 } },
      ]);
    });

    it('writes what a monitor finds at its step, a figure to a chart', async () => {
      await session(await make(tensorboard), 0, [], [monitored(4)]);
      const [, event] = readEvents(join(folder, 'events.out.tfevents.1000.ssql'));
      assert.deepEqual(event, {
        step: 4,
        start: false,
        scalars: {
          'monitor/knn/w4a4/accuracy/matched': 87.5,
          'monitor/knn/w4a4/accuracy/float': 75,
          'monitor/a, b/w4a4/cross term': NaN,
        },
      });
    });

    it('voids what a stopped session logged after the step that the next one goes on from', async () => {
      const logger = await make(tensorboard);
      await session(logger, 0, [metrics(1), metrics(2), metrics(3)]);
      await session(logger, 2, [metrics(3, 7)]);
      assert.deepEqual(readdirSync(folder).sort(), ['events.out.tfevents.1000.ssql', 'events.out.tfevents.1002.ssql']);
      assert.deepEqual(
        readEvents(join(folder, 'events.out.tfevents.1002.ssql')).map(({ step, start, scalars }) => [
          step,
          start,
          scalars['loss'],
        ]),
        [
          [0, false, undefined],
          [3, true, undefined],
          [3, false, 7],
          [3, false, undefined],
        ],
      );
    });
  });

  describe('csv', () => {
    const HEADER = 'step,epoch,loss,learningRate,featureStd,imagesPerSecond,precision,"parts.float, clean"';
    const row = (step: number, loss = step / 2): string => `${step},0,${loss},0.25,0.5,64,w4a8,${loss}`;
    const read = (name = 'metrics.csv'): string[] => readFileSync(join(folder, name), 'utf8').split('\n');

    it('writes a row a step', async () => {
      await session(await make(csv, { file: 'a.csv' }), 0, [metrics(1), metrics(2, NaN)]);
      assert.deepEqual(read('a.csv'), [HEADER, row(1), row(2, NaN), '']);
    });

    it('goes on after the step that was saved, also behind a row that a crash cut short', async () => {
      const logger = await make(csv);
      await session(
        logger,
        0,
        [1, 2, 3].map((step) => metrics(step)),
      );
      appendFileSync(join(folder, 'metrics.csv'), '4,0,0.');
      await session(logger, 2, [metrics(3, 7)]);
      assert.deepEqual(read(), [HEADER, row(1), row(2), row(3, 7), '']);
    });

    it('begins where it is added to a run, and anew with a run that does', async () => {
      const logger = await make(csv);
      await session(logger, 8, [metrics(9)]);
      assert.deepEqual(read(), [HEADER, row(9), '']);
      await session(logger, 0, [metrics(1)]);
      assert.deepEqual(read(), [HEADER, row(1), '']);
    });

    it('writes what a monitor finds to a table of its own, and goes on with it', async () => {
      const rows = (step: number): string[] => [
        `${step},${step / 2},knn,w4a4,matched,accuracy,87.5`,
        `${step},${step / 2},knn,w4a4,float,accuracy,75`,
        `${step},${step / 2},"a, b",w4a4,matched,cross term,NaN`,
      ];
      const header = 'step,epochs,stage,precision,classifier,metric,value';
      const logger = await make(csv, { file: 'a.csv' });
      await session(logger, 0, [metrics(1)], [monitored(2), monitored(4)]);
      assert.deepEqual(read('a.monitor.csv'), [header, ...rows(2), ...rows(4), '']);
      await session(logger, 2, [], [monitored(6)]);
      assert.deepEqual(read('a.monitor.csv'), [header, ...rows(2), ...rows(6), '']);
      assert.deepEqual(read('a.csv'), [HEADER, row(1), '']);
      await session(logger, 6, [], [monitored(6), monitored(8)]);
      assert.deepEqual(
        read('a.monitor.csv'),
        [header, ...rows(2), ...rows(6), ...rows(8), ''],
        'a step that is logged again',
      );
      await session(logger, 0, [metrics(1)]);
      assert.deepEqual(readdirSync(folder), ['a.csv'], 'a run that starts anew has nothing of the old one');
    });

    it('refuses metrics that it has no columns for', async () => {
      const other = { ...metrics(2), parts: { quantized: 1 } };
      await assert.rejects(
        session(await make(csv), 0, [metrics(1), other]),
        (error) =>
          error instanceof SsqlError && error.code === 'CSV_COLUMNS' && /step 2.*quantized/.test(error.message),
      );
      assert.deepEqual(read(), [HEADER, row(1), '']);
    });

    it('says what it cannot write', async () => {
      writeFileSync(join(folder, 'file'), '');
      const opened = (await make(csv)).open({
        file: (file) => join(folder, 'file', file),
        name: '',
        step: 0,
        steps: 8,
        now: Date.now,
      });
      await assert.rejects(opened, { code: 'NOT_WRITABLE', message: /a file is where its folder should be/ });
    });
  });
});
