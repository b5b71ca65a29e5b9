import type { Logger, RunLog } from '../logger.js';
import { checksOf } from './checks.js';

export const loggerChecks = checksOf<Logger>({ asynchronous: ['open'], parts: () => ({ open: logChecks }) });

const logChecks = checksOf<RunLog>({
  members: { metrics: 'function', close: 'function' },
  optional: { evaluations: 'function', monitored: 'function' },
  asynchronous: ['metrics', 'evaluations', 'monitored', 'close'],
});
