import { SsqlError } from '../errors.js';

/**
 * A tester is given cases that cannot be tested, or finds no test runner.
 * @remedy The message says which case or key; without a runner, hand `run` the `describe` and `it` of one.
 */
export function testerInvalid(reason: string, hint?: string): SsqlError {
  return new SsqlError('TESTER_INVALID', `The plugin cannot be tested: ${reason}.`, { hint });
}
