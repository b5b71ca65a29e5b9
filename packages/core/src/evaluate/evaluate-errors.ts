import { SsqlError } from '../errors.js';

/**
 * An assigner chose bit widths that are not allowed, or that exceed its budget (the cost of the uniform precision).
 * @remedy Fix the assigner: it must choose among the allowed widths of the given sites, within the budget.
 */
export function assignmentInvalid(precision: string, chosen: string, expected: string): SsqlError {
  return new SsqlError('ASSIGNMENT_INVALID', `At ${precision}, the assigner chose ${chosen}; expected ${expected}.`);
}

/**
 * The features of an image are not finite at a precision, so nothing can be measured on them.
 * @remedy Look for numbers that are not finite in the quantizer at these bit widths, in an augmentation that evaluation uses, and in the trained weights.
 */
export function featuresNotFinite(precision: string, split: string, image: number): SsqlError {
  return new SsqlError(
    'FEATURES_NOT_FINITE',
    `At ${precision}, the features of image ${image} of the ${split} split are not finite.`,
    { hint: 'Check the quantizer at these bit widths, and the augmentations that evaluation uses.' },
  );
}
