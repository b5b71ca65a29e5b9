import type { Schedule } from '../schedule.js';
import { checksOf } from './checks.js';
import { notFinite } from './values.js';

export const scheduleChecks = checksOf<Schedule>({ returns: { factor: notFinite } });
