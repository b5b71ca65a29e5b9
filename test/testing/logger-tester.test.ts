import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LoggedRun, Logger, RunLog, StepMetrics } from '@ssql/core';
import { LoggerTester } from '@ssql/core/testing';
import { testBreaks } from './breaks.js';
import { flawed } from './flawed.js';

const WHOLE = 'it logs a run, and one that stops early';
const CONTINUES = 'it continues the log of an interrupted run';
const AGAIN = 'it takes a run that starts again in the same folder';
const WITHIN = "it writes only in the run's folder";
const CLOSED = 'everything is written once it is closed';
const MIXED = 'logs of different runs do not mix';

/** Writes a line for each step. */
function logger(log: (run: LoggedRun) => Partial<RunLog> = () => ({}), opens?: (run: LoggedRun) => void) {
  return flawed('logger', (): Logger => ({
    async open(run) {
      opens?.(run);
      return { metrics: async (metrics) => line(run.folder, metrics), close: async () => undefined, ...log(run) };
    },
  }));
}

function line(folder: string, { step }: StepMetrics): void {
  appendFileSync(join(folder, 'log.txt'), `${step}\n`);
}

describe('LoggerTester', () => {
  testBreaks(
    LoggerTester,
    [
      { title: 'passes a correct logger', plugin: logger(), breaks: [] },
      {
        title: 'detects a log that needs a step',
        plugin: logger(() => {
          let last: StepMetrics | undefined;
          return { metrics: async (metrics) => void (last = metrics), close: async () => void last!.step.toFixed() };
        }),
        breaks: [WHOLE],
      },
      {
        title: 'detects a log that does not go on',
        plugin: logger(undefined, ({ folder, step }) =>
          writeFileSync(join(folder, 'log.txt'), '', { flag: step > 0 ? 'wx' : 'w' }),
        ),
        breaks: [CONTINUES],
      },
      {
        title: 'detects a log that refuses to start again',
        plugin: logger(undefined, ({ folder, step }) => {
          if (step === 0) writeFileSync(join(folder, 'log.txt'), '', { flag: 'wx' });
        }),
        breaks: [AGAIN],
      },
      {
        title: 'detects a file beside the folder',
        plugin: logger(({ folder }) => ({ metrics: async (metrics) => line(dirname(folder), metrics) })),
        breaks: [WITHIN],
      },
      {
        title: 'detects lines that are written late',
        plugin: logger(({ folder }) => ({
          metrics: async (metrics) =>
            void setTimeout(() => {
              mkdirSync(folder, { recursive: true });
              line(folder, metrics);
            }, 10),
        })),
        breaks: [CLOSED],
      },
      {
        title: 'detects logs that share their state',
        plugin: flawed('logger', (): Logger => {
          let folder = '';
          return {
            async open(run) {
              folder = run.folder;
              return { metrics: async (metrics) => line(folder, metrics), close: async () => undefined };
            },
          };
        }),
        breaks: [MIXED],
      },
    ],
    { valid: [{ options: {} }], invalid: [] },
  );
});
