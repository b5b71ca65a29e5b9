import { SsqlError } from '../errors.js';

/**
 * An assigner chose bit widths that are not allowed, or that exceed its budget (the cost of the uniform precision).
 * @remedy Fix the assigner: it must choose among the allowed widths of the given sites, within the budget.
 */
export function assignmentInvalid(precision: string, chosen: string, expected: string): SsqlError {
  return new SsqlError('ASSIGNMENT_INVALID', `At ${precision}, the assigner chose ${chosen}; expected ${expected}.`);
}
