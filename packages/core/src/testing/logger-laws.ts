import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pluginFile } from '../artifact/plugin-file.js';
import type { Logger, RunLog } from '../kinds/logger.js';
import type { Evaluation, MonitorMetrics, StepMetrics } from '../kinds/run-record.js';
import type { Law } from './law.js';

/** What a case of a logger may add to its options: nothing. */
export type LoggerExtra = object;

/** How long a log is watched after it was closed, in milliseconds. */
const SETTLED = 50;
const EVALUATION: Evaluation = {
  stage: 'example',
  precision: 'w4a4',
  classifier: 'matched',
  metric: 'accuracy',
  value: 87.5,
};

/** Laws of every logger. */
export const LOGGER_LAWS: readonly Law<'logger', LoggerExtra>[] = Object.freeze<Law<'logger', LoggerExtra>[]>([
  {
    name: 'it logs a run, and one that stops early',
    check: ({ made }) =>
      inFolder(async (root) => {
        await log(made, join(root, 'whole'), 0, 4);
        await log(made, join(root, 'nothing'), 0, 0);
        const empty = await open(made, join(root, 'closed'), 0);
        await empty.close();
      }),
  },
  {
    name: 'it continues the log of an interrupted run',
    check: ({ made, again }) =>
      inFolder(async (root) => {
        const folder = join(root, 'run');
        await log(made, folder, 0, 4);
        await log(await again(), folder, 2, 5);
        await log(await again(), folder, 5, 6);
      }),
  },
  {
    name: 'it takes a run that starts again in the same folder',
    check: ({ made, again }) =>
      inFolder(async (root) => {
        await log(made, join(root, 'run'), 0, 4);
        await log(await again(), join(root, 'run'), 0, 2);
      }),
  },
  {
    name: "it writes only in the run's folder",
    check: ({ made }) =>
      inFolder(async (root) => {
        const here = readdirSync(process.cwd());
        await log(made, join(root, 'runs', 'run'), 0, 3);
        const outside = [...contentOf(root).keys()].filter((file) => !file.startsWith(join('runs', 'run')));
        assert.deepEqual(outside, [], `it writes ${outside.join(', ')} outside the run's folder`);
        assert.deepEqual(readdirSync(process.cwd()), here, 'it writes in the working directory');
      }),
  },
  {
    name: 'everything is written once it is closed',
    check: ({ made }) =>
      inFolder(async (root) => {
        await log(made, join(root, 'run'), 0, 3);
        const closed = contentOf(root);
        await delay(SETTLED);
        assert.deepEqual(contentOf(root), closed, 'it writes after it was closed');
      }),
  },
  {
    name: 'logs of different runs do not mix',
    check: ({ made }) =>
      inFolder(async (root) => {
        await log(made, join(root, 'alone', 'first'), 0, 3);
        const [first, second] = [
          await open(made, join(root, 'both', 'first'), 0),
          await open(made, join(root, 'both', 'second'), 0),
        ];
        await write(first, 0, 2);
        await write(second, 0, 4);
        await write(first, 2, 3);
        await finish(second);
        await finish(first);
        const bytes = (folder: string): number =>
          [...contentOf(join(root, folder)).values()].reduce((sum, { length }) => sum + length, 0);
        assert.equal(
          bytes('both/first'),
          bytes('alone/first'),
          'a log has other contents if a second run is logged at the same time',
        );
      }),
  },
]);

async function inFolder(work: (root: string) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'ssql-logger-'));
  try {
    await work(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

async function open(logger: Logger, folder: string, step: number): Promise<RunLog> {
  await mkdir(folder, { recursive: true });
  const file = (name: string): string => pluginFile(folder, name);
  return logger.open({ file, name: 'pipeline/run', step, steps: 8, now: () => 1.7e12 });
}

/** Logs a whole session. */
async function log(logger: Logger, folder: string, from: number, to: number): Promise<void> {
  const opened = await open(logger, folder, from);
  await write(opened, from, to);
  await finish(opened);
}

/** Logs the steps after `from`, with the monitor's results every other step. */
async function write(opened: RunLog, from: number, to: number): Promise<void> {
  for (let step = from + 1; step <= to; step++) {
    await opened.metrics(metricsOf(step));
    if (step % 2 === 0) await opened.monitored?.(monitoredAt(step));
  }
}

async function finish(opened: RunLog): Promise<void> {
  await opened.evaluations?.([EVALUATION, { ...EVALUATION, precision: 'float' }]);
  await opened.close();
}

function metricsOf(step: number): StepMetrics {
  const parts = { float: 1 / step, quantized: 2 / step };
  return {
    step,
    epoch: 0,
    loss: 1 / step,
    learningRate: 0.1,
    precision: 'w4a8',
    parts,
    featureStd: 0.5,
    imagesPerSecond: 64,
  };
}

function monitoredAt(step: number): MonitorMetrics {
  return { step, epochs: step / 4, evaluations: [EVALUATION, { ...EVALUATION, classifier: 'float' }] };
}

/** The bytes of the files below a folder, by relative path. */
function contentOf(root: string): ReadonlyMap<string, Buffer> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return [relative(root, file), readFileSync(file)];
    }),
  );
}
