import { SsqlError } from '../errors.js';

/** A tester was asked for something that cannot be tested. */
export function testerInvalid(reason: string, hint?: string): SsqlError {
  return new SsqlError('TESTER_INVALID', `The plugin cannot be tested: ${reason}.`, { hint });
}
