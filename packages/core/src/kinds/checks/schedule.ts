import type { Schedule } from '../schedule.js';
import { checksOf, problem } from './checks.js';
import { shown } from './values.js';

export const scheduleChecks = checksOf<Schedule>({
  returns: {
    factor: (result: unknown) =>
      typeof result === 'number' && Number.isFinite(result) && result >= 0
        ? undefined
        : problem(shown(result), 'a finite number, not negative'),
  },
});
