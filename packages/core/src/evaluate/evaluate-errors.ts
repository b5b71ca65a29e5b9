import { SsqlError } from '../errors.js';

/**
 * An assigner chose bits that it was not asked for, or that cost more than the precision does everywhere.
 * @remedy Mend the assigner: it chooses for the sites that it is given, among their widths, within its budget.
 */
export function assignmentInvalid(precision: string, found: string, expected: string): SsqlError {
  return new SsqlError('ASSIGNMENT_INVALID', `The assigner chose, at ${precision}, ${found}; expected ${expected}.`);
}
