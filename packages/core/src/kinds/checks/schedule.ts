import type { Schedule } from '../schedule.js';
import { checksOf, problem } from './checks.js';
import { notFinite } from './problems.js';

export const scheduleChecks = checksOf<Schedule>({
  returns: {
    factor: (result) =>
      notFinite(result) ?? (Number(result) < 0 ? problem(String(result), 'a finite number, not negative') : undefined),
  },
});
