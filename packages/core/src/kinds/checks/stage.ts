import type { Stage } from '../stage.js';
import { checksOf } from './checks.js';

export const stageChecks = checksOf<Stage>({ optional: { needsLabels: 'boolean' }, asynchronous: ['run'] });
