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
      return { metrics: async (metrics) => line(run, metrics), close: async () => undefined, ...log(run) };
    },
  }));
}

function line({ file }: Pick<LoggedRun, 'file'>, { step }: StepMetrics): void {
  appendFileSync(file('log.txt'), `${step}\n`);
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
        plugin: logger(undefined, ({ file, step }) =>
          writeFileSync(file('log.txt'), '', { flag: step > 0 ? 'wx' : 'w' }),
        ),
        breaks: [CONTINUES],
      },
      {
        title: 'detects a log that refuses to start again',
        plugin: logger(undefined, ({ file, step }) => {
          if (step === 0) writeFileSync(file('log.txt'), '', { flag: 'wx' });
        }),
        breaks: [AGAIN],
      },
      {
        title: 'detects a file beside the folder',
        plugin: logger(({ file }) => ({
          metrics: async (metrics) => line({ file: (name) => join(dirname(file(name)), '..', name) }, metrics),
        })),
        breaks: [WITHIN],
      },
      {
        title: 'detects lines that are written late',
        plugin: logger((run) => ({
          metrics: async (metrics) =>
            void setTimeout(() => {
              mkdirSync(dirname(run.file('log.txt')), { recursive: true });
              line(run, metrics);
            }, 10),
        })),
        breaks: [CLOSED],
      },
      {
        title: 'detects logs that share their state',
        plugin: flawed('logger', (): Logger => {
          let last: LoggedRun;
          return {
            async open(run) {
              last = run;
              return { metrics: async (metrics) => line(last, metrics), close: async () => undefined };
            },
          };
        }),
        breaks: [MIXED],
      },
    ],
    { valid: [{ options: {} }], invalid: [] },
  );
});
