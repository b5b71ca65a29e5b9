import { SsqlError, type Location } from '../errors.js';

/**
 * `monitor` contains a stage that processes all runs. It can only contain stages that process a single run.
 * @remedy Move it from `monitor` to `stages`.
 */
export function monitorInvalid(name: string, location?: Location): SsqlError {
  return new SsqlError(
    'MONITOR_INVALID',
    `The stage \`${name}\` processes all runs; \`monitor\` accepts only stages that process a single run.`,
    { location, hint: 'Move it from `monitor` to `stages`.' },
  );
}
