import { SsqlError } from '@ssql/core';

/**
 * Two options of a plugin exclude each other.
 * @remedy Leave one of them out.
 */
export function optionConflict(reason: string, hint: string): SsqlError {
  return new SsqlError('OPTION_CONFLICT', reason, { hint });
}
