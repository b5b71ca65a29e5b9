import { SsqlError } from '@ssql/core';

/**
 * Two options of a plugin exclude each other, or an option does not fit the pipeline's.
 * @remedy Remove one of the two options, or change one as the message says.
 */
export function optionConflict(option: string, reason: string, hint: string): SsqlError {
  return new SsqlError('OPTION_CONFLICT', reason, { hint, option });
}
