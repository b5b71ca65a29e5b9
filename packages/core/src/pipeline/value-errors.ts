import { SsqlError, type Location } from '../errors.js';
import { didYouMean } from '../nearest-name.js';

/**
 * A key stands where nothing reads it. Nothing in a pipeline is ignored.
 * @remedy Take the suggested key, or one of those that are listed.
 */
export function unknownKey(key: string, where: string, known: readonly string[], location: Location): SsqlError {
  const keys = known.length > 0 ? `Known keys: ${known.join(', ')}.` : 'No keys are known here.';
  const merge =
    'YAML 1.2 has no merge keys: build on another file with `extends`, or refer to a value with `${path.to.value}`.';
  return new SsqlError('UNKNOWN_KEY', `Unknown key \`${key}\` in ${where}.`, {
    location,
    hint: key === '<<' ? merge : (didYouMean(key, known) ?? keys),
  });
}

/**
 * Something that must be written is not.
 * @remedy Add the key.
 */
export function missingKey(key: string, where: string, location: Location, hint?: string): SsqlError {
  return new SsqlError('MISSING_KEY', `Missing key \`${key}\` in ${where}.`, { location, hint });
}

/**
 * A value is of another type than expected: text for a number, a list for a mapping.
 * @remedy Write a value of the type that is named.
 */
export function wrongType(expected: string, found: string, where: string, location: Location): SsqlError {
  return new SsqlError('WRONG_TYPE', `Expected ${expected} at ${where}, found ${found}.`, { location });
}

/**
 * A number is outside the bounds of its option.
 * @remedy Choose one within them; `ssql show <plugin>` lists the bounds.
 */
export function outOfRange(expected: string, found: string, where: string, location: Location): SsqlError {
  return new SsqlError('OUT_OF_RANGE', `Expected ${expected} at ${where}, found ${found}.`, { location });
}

/**
 * A value is of the right type, but not one that its option takes.
 * @remedy Take one of the values that are named; `ssql show <plugin>` lists them.
 */
export function optionInvalid(
  expected: string,
  found: string,
  where: string,
  location: Location,
  hint?: string,
): SsqlError {
  return new SsqlError('OPTION_INVALID', `Expected ${expected} at ${where}, found ${found}.`, { location, hint });
}

/**
 * A text is no precision.
 * @remedy Write `float`, `w4a8`, `w4` or `a8`, with 1 to 16 bits; stages that evaluate also take `mixed-w4a8` and `w4a8-folded`.
 */
export function precisionInvalid(found: string, where: string, location: Location, also = ''): SsqlError {
  return new SsqlError('PRECISION_INVALID', `Expected a precision at ${where}, found ${found}.`, {
    location,
    hint: `Precisions are written \`float\`, \`w4a8\`, \`w4\` or \`a8\`, with 1 to 16 bits${also}.`,
  });
}
