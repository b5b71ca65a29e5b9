import { SsqlError } from '@ssql/core';

/**
 * An augmentation does not work on these images or with these options.
 * @remedy Change the options of the augmentation, or the order of the augmentations.
 */
export function augmentationImpossible(name: string, problem: string, expected: string): SsqlError {
  return new SsqlError('AUGMENTATION_IMPOSSIBLE', `${name}: ${problem}; expected ${expected}.`);
}
