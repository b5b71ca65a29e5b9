import { SsqlError } from '@ssql/core';

/**
 * An augmentation cannot be done on the images it is given, or not with these options.
 * @remedy Change its options, or the order of the augmentations.
 */
export function augmentationImpossible(name: string, found: string, expected: string): SsqlError {
  return new SsqlError('AUGMENTATION_IMPOSSIBLE', `${name}: ${found}; expected ${expected}.`);
}
