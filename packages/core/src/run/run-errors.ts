import { SsqlError, type Location } from '../errors.js';

/**
 * A stage that looks at all runs stands among those that watch one while it trains.
 * @remedy Move it from `monitor` to `stages`.
 */
export function monitorInvalid(name: string, location?: Location): SsqlError {
  return new SsqlError(
    'MONITOR_INVALID',
    `The stage ${name} looks at all runs; expected stages that look at one run in \`monitor\`.`,
    { location },
  );
}
