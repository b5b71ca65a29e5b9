import { SsqlError } from '@ssql/core';

/**
 * Two options of a plugin exclude each other.
 * @remedy Remove one of the two options.
 */
export function optionConflict(option: string, reason: string, hint: string): SsqlError {
  return new SsqlError('OPTION_CONFLICT', reason, { hint, option });
}
