import type { Schedule } from '@ssql/core';
import { ScheduleTester } from '@ssql/core/testing';
import { testBreaks } from './breaks.js';
import { flawed } from './flawed.js';

const FINITE = 'its factor is a finite number, not negative';
const FUNCTION = 'its factor is a function of the point';

const schedule = (factor: Schedule['factor']) => flawed('schedule', () => ({ factor }));

describe('ScheduleTester', () => {
  testBreaks(
    ScheduleTester,
    [
      { title: 'passes a correct schedule', plugin: schedule(({ epoch, epochs }) => 1 - epoch / epochs), breaks: [] },
      {
        title: 'detects a division by zero',
        plugin: schedule(({ step }) => Math.min(1, step) / step),
        breaks: [FINITE],
      },
      { title: 'detects a negative factor', plugin: schedule(({ epoch }) => 1 - epoch), breaks: [FINITE] },
      {
        title: 'detects a factor of 0',
        plugin: schedule(() => 0),
        breaks: ['its factor is not 0 throughout'],
      },
      {
        title: 'detects a factor that counts calls',
        plugin: flawed('schedule', () => {
          let calls = 0;
          return { factor: () => 1 / ++calls };
        }),
        breaks: [FUNCTION],
      },
      {
        title: 'detects a factor that the first step fixes',
        plugin: flawed('schedule', () => {
          let first: number | undefined;
          return { factor: ({ step }) => 1 / (1 + step - Math.min(step, (first ??= step))) };
        }),
        breaks: [FUNCTION],
      },
    ],
    { valid: [{ options: {} }], invalid: [] },
  );
});
