import { ScheduleTester } from '@ssql/core/testing';
import { schedule } from '../src/index.js';

ScheduleTester.run(schedule, {
  valid: [{ options: {} }, { options: { every: 1, factor: 0.1 }, epochs: 3 }],
  invalid: [{ options: { every: 0 }, code: 'OUT_OF_RANGE' }],
});
