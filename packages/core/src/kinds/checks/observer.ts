import type { Observer } from '../observer.js';
import type { Granularity, Range } from '../quantizer.js';
import { checksOf, problem, type Problem } from './checks.js';
import { isFloats, isRecord, shapeText, shown } from '../../values.js';

export const observerChecks = checksOf<Observer>({
  returns: {
    observe(result) {
      const valid = isRecord(result) && !(result instanceof Promise) && Object.values(result).every(isFloats);
      return valid ? undefined : problem(shown(result), 'tensors of float32 by name');
    },
    range(result) {
      const valid = isRecord(result) && isFloats(result['min']) && isFloats(result['max']);
      return valid ? undefined : problem(shown(result), 'the tensors `min` and `max` of float32');
    },
  },
});

/** The problem of a range that has not one value for a tensor of a shape, or one for each of its channels. */
export function wrongRange(
  { min, max }: Range,
  granularity: Granularity,
  shape: readonly number[],
): Problem | undefined {
  const channels = granularity === 'channel' ? (shape.at(-1) ?? 1) : 1;
  const wrong = [min, max].find((end) => end.size !== channels || (end.shape.at(-1) ?? 1) !== channels);
  const expected = granularity === 'channel' ? `${channels} values, one per channel` : 'a scalar';
  return wrong && problem(shapeText(wrong.shape), expected);
}
