import assert from 'node:assert/strict';
import type { Schedule, SchedulePoint } from '../kinds/schedule.js';
import type { Law } from './law.js';
import { defineTester, type Tester } from './tester.js';

/** Tests schedules. A case may set `epochs`, the length of training; 5 by default. */
export const ScheduleTester: Tester<'schedule', ScheduleExtra> = defineTester({
  kind: 'schedule',
  laws: scheduleLaws(),
  extras: ['epochs'],
  prepare: () => undefined,
});

/** What a case of a schedule may add to its options. */
export interface ScheduleExtra {
  /** The length of training; 5 by default. */
  readonly epochs?: number;
}

const STEPS_PER_EPOCH = 7;

function scheduleLaws(): readonly Law<'schedule', ScheduleExtra>[] {
  return [
    {
      name: 'its factor is a finite number, not negative',
      check({ made, extra }) {
        for (const at of pointsOf(extra)) {
          const factor: unknown = made.factor(at);
          const valid = typeof factor === 'number' && Number.isFinite(factor) && factor >= 0;
          assert.ok(valid, `the factor at step ${at.step} is ${String(factor)}`);
        }
      },
    },
    {
      name: 'its factor is not 0 throughout',
      check({ made, extra }) {
        assert.ok(
          pointsOf(extra).some((at) => made.factor(at) !== 0),
          'nothing is learned: the factor is 0 at every step',
        );
      },
    },
    {
      name: 'its factor is a function of the point',
      async check({ made, again, extra }) {
        const points = pointsOf(extra);
        const first = factorsOf(made, points);
        assert.deepEqual(factorsOf(made, points.toReversed()).reverse(), first, 'asked in reverse, factors differ');
        // A resumed run starts with a new schedule, in the middle.
        const middle = Math.floor(points.length / 2);
        const resumed = factorsOf(await again(), points.slice(middle));
        assert.deepEqual(
          resumed,
          first.slice(middle),
          'asked from the middle on, as a resumed run does, factors differ',
        );
      },
    },
  ];
}

function pointsOf({ epochs = 5 }: ScheduleExtra): readonly SchedulePoint[] {
  return Array.from({ length: epochs * STEPS_PER_EPOCH }, (_, step) =>
    Object.freeze({ epoch: Math.floor(step / STEPS_PER_EPOCH), epochs, step, stepsPerEpoch: STEPS_PER_EPOCH }),
  );
}

function factorsOf(schedule: Schedule, points: readonly SchedulePoint[]): number[] {
  return points.map((at) => schedule.factor(at));
}
