import { augmentationImpossible } from './augmentation-impossible.js';

interface NumberSchema {
  readonly type: 'number' | 'integer';
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** Schema of a range option, [low, high]. */
export interface RangeOption {
  readonly type: 'array';
  readonly items: NumberSchema;
  readonly minItems: 2;
  readonly maxItems: 2;
  readonly default: readonly [low: number, high: number];
  readonly description: string;
}

/** A range option. `readRange` checks that low <= high, which JSON Schema cannot. */
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
    throw augmentationImpossible(name, `${option} is [${values.join(', ')}]`, '[low, high] with low <= high');
  }
  return [low, high];
}
