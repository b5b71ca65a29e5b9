import { isFloats, isRecord, isTensor, shapeText, shown } from '../../values.js';
import { problem, type Problem } from './checks.js';

/** The problem of a result that is not a tensor of floats of a shape. */
export function notTensorOf(result: unknown, shape: readonly number[], meaning = ''): Problem | undefined {
  if (isFloats(result) && result.shape.join() === shape.join()) return undefined;
  const expected = shape.length === 0 ? 'a scalar' : `a tensor ${shapeText(shape)}`;
  return problem(shown(result), `${expected}${isTensor(result) && !isFloats(result) ? ' of float32' : ''}${meaning}`);
}

/** The problem of a result that is not a finite number. */
export function notFinite(result: unknown): Problem | undefined {
  return Number.isFinite(result) ? undefined : problem(shown(result), 'a finite number');
}

/** The problem of a result that is not a record of finite numbers. */
export function notNumbers(result: unknown): Problem | undefined {
  if (!isRecord(result) || result instanceof Promise) return problem(shown(result), 'finite numbers by name');
  const wrong = Object.entries(result).find(([, value]) => !Number.isFinite(value));
  return wrong && problem(`\`${wrong[0]}\` ${shown(wrong[1])}`, 'a finite number');
}
