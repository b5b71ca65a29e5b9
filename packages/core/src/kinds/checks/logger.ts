import type { Logger, RunLog } from '../logger.js';
import { checksOf } from './checks.js';

export const loggerChecks = checksOf<Logger>({ parts: () => ({ open: logChecks }) });

const logChecks = checksOf<RunLog>({ members: { metrics: 'function', close: 'function' } });
