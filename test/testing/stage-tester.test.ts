import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FLOAT, type Evaluation, type PipelineStageContext, type RunStageContext } from '@ssql/core';
import { StageTester } from '@ssql/core/testing';
import { testBreaks } from './breaks.js';
import { flawed } from './flawed.js';

const NAMED = 'its results have a stage, a precision, a metric and a finite value';
const ONCE = 'it records each result once';
const FUNCTION = 'its results are a function of its context';
const LEAVES = 'it leaves its features as they are';
const STOPS = 'it ends if the run is stopped';
const LEAKS = 'it leaks no tensor';
const FILES = 'the files that it publishes are in the folder of the runs';

const RESULT: Evaluation = { stage: 'mean', precision: 'float', classifier: 'float', metric: 'mean', value: 1 };

const stage = (run: (context: RunStageContext) => Promise<void>) => flawed('stage', () => ({ scope: 'run', run }));
const pages = (run: (context: PipelineStageContext) => Promise<void>) =>
  flawed('stage', () => ({ scope: 'pipeline', run }));

/** Records a result from the features, in several calls of its context. */
async function mean(context: RunStageContext, change: Partial<Evaluation> = {}): Promise<void> {
  const [float] = await context.features([FLOAT]);
  for (let batch = 1; batch <= 3; batch++) await context.progress('mean', batch, 3);
  const { engine } = context;
  const value = engine.tf.tidy(() => engine.tf.mean(float!.test.values).dataSync()[0]!);
  await context.record([{ ...RESULT, value, ...change }]);
}

describe('StageTester', () => {
  testBreaks(
    StageTester,
    [
      { title: 'passes a correct stage', plugin: stage((context) => mean(context)), breaks: [] },
      {
        title: 'passes a stage of the pipeline',
        plugin: pages(async ({ file, publish }) => {
          writeFileSync(file('page.html'), '');
          publish('Page', file('page.html'));
        }),
        breaks: [],
      },
      {
        title: 'detects a value that is no number',
        plugin: stage((context) => mean(context, { value: NaN })),
        breaks: [NAMED],
      },
      {
        title: 'detects a precision that does not exist',
        plugin: stage((context) => mean(context, { precision: '4 bits' })),
        breaks: [NAMED],
      },
      {
        title: 'detects a metric without a name',
        plugin: stage((context) => mean(context, { metric: '' })),
        breaks: [NAMED],
      },
      {
        title: 'detects a result that is recorded twice',
        plugin: stage(async (context) => {
          await mean(context);
          await mean(context);
        }),
        breaks: [ONCE],
      },
      {
        title: 'detects a random result',
        plugin: stage((context) => mean(context, { value: Math.random() })),
        breaks: [FUNCTION],
      },
      {
        title: 'detects features that are changed in their place',
        plugin: stage(async (context) => {
          const [float] = await context.features([FLOAT]);
          await mean(context);
          float!.test.values.forEach((value, index, values) => void (values[index] = value - 1));
        }),
        breaks: [LEAVES],
      },
      {
        title: 'detects labels that are changed in their place',
        plugin: stage(async (context) => {
          const [float] = await context.features([FLOAT]);
          await mean(context);
          float!.train.labels!.fill(0);
        }),
        breaks: [LEAVES],
      },
      {
        title: 'detects a stage that goes on after the run was stopped',
        plugin: stage(async (context) => {
          await context.progress('mean', 0, 1).catch(() => undefined);
          await context.record([RESULT]);
        }),
        breaks: [STOPS],
      },
      {
        title: 'detects another error in the place of the stop',
        plugin: stage(async (context) => {
          await mean(context).catch(() => {
            throw new Error('the stage failed');
          });
        }),
        breaks: [STOPS],
      },
      {
        title: 'detects a tensor that is left if the run is stopped',
        plugin: stage(async (context) => {
          const kept = context.engine.tf.ones([3]);
          await mean(context);
          kept.dispose();
        }),
        breaks: [LEAKS],
      },
      {
        title: 'detects a published file that does not exist',
        plugin: pages(async ({ file, publish }) => publish('Page', file('page.html'))),
        breaks: [FILES],
      },
      {
        title: 'detects a published file elsewhere',
        plugin: pages(async ({ file, publish }) =>
          publish('Page', join(file('page.html'), '..', '..', '..', 'etc', 'hosts')),
        ),
        breaks: [FILES],
      },
    ],
    { valid: [{ options: {} }], invalid: [] },
  );
});
