import { SsqlError } from '@ssql/core';

/** An augmentation cannot be done on the images it is given, or not with these options. */
export function augmentationImpossible(name: string, found: string, expected: string): SsqlError {
  return new SsqlError('AUGMENTATION_IMPOSSIBLE', `${name}: ${found}; expected ${expected}.`);
}

/** Reads a range option [low, high]. */
export function readRange(
  name: string,
  option: string,
  values: readonly number[],
): readonly [low: number, high: number] {
  const [low, high] = values;
  if (low === undefined || high === undefined || low > high) {
    throw augmentationImpossible(
      name,
      `${option} is [${values.join(', ')}]`,
      'a range [low, high] with low not above high',
    );
  }
  return [low, high];
}
