import { augmentationImpossible } from './augmentation-impossible.js';

interface NumberSchema {
  readonly type: 'number' | 'integer';
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

/** The schema of an option that is a range, [low, high]. */
export interface RangeOption {
  readonly type: 'array';
  readonly items: NumberSchema;
  readonly minItems: 2;
  readonly maxItems: 2;
  readonly default: readonly [low: number, high: number];
  readonly description: string;
}

/** A range option. That low is not above high is checked by `readRange`, for JSON Schema cannot. */
export function rangeOption(items: NumberSchema, defaults: RangeOption['default'], description: string): RangeOption {
  return { type: 'array', items, minItems: 2, maxItems: 2, default: defaults, description };
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
