import { SsqlError, type Location } from '../errors.js';
import { didYouMean } from '../nearest-name.js';

/**
 * A key is not known at its place. ssql ignores nothing in a pipeline.
 * @remedy Use the suggested key or one of the listed keys.
 */
export function unknownKey(key: string, where: string, known: readonly string[], location: Location): SsqlError {
  const keys = known.length > 0 ? `Known keys: ${known.join(', ')}.` : 'No keys are allowed here.';
  const merge =
    'YAML 1.2 has no merge keys. Extend another file with `extends`, or refer to a value with `${path.to.value}`.';
  return new SsqlError('UNKNOWN_KEY', `Unknown key \`${key}\` in ${where}.`, {
    location,
    hint: key === '<<' ? merge : (invisibleMistake(key, known) ?? didYouMean(key, known) ?? keys),
  });
}

/** `epochs:3` without a space, or a key with a no-break space. */
function invisibleMistake(key: string, known: readonly string[]): string | undefined {
  const bare = key.replace(/[\u00a0\u2007\u202f]/g, '');
  if (bare !== key) return 'The key has a no-break space, which YAML does not treat as a space. Replace it by a space.';
  const [name = '', ...value] = key.split(':');
  return value.length > 0 && known.includes(name)
    ? `Write a space after the colon: \`${name}: ${value.join(':')}\`.`
    : undefined;
}

/**
 * A required key is missing.
 * @remedy Add the key.
 */
export function missingKey(key: string, where: string, location: Location, hint?: string): SsqlError {
  return new SsqlError('MISSING_KEY', `Missing key \`${key}\` in ${where}.`, { location, hint });
}

/**
 * A value has the wrong type, such as text instead of a number.
 * @remedy Write a value of the expected type.
 */
export function wrongType(
  expected: string,
  actual: string,
  where: string,
  location: Location,
  hint?: string,
): SsqlError {
  return new SsqlError('WRONG_TYPE', `Expected ${expected} at ${where}, found ${actual}.`, { location, hint });
}

/** The error that a pipeline file is not a mapping. */
export function topOfFile(value: unknown, location: Location): SsqlError {
  const actual = Array.isArray(value) ? 'a list' : value === null || value === undefined ? 'nothing' : 'text';
  return wrongType('a mapping', actual, 'the top of the file', location);
}

/**
 * A number, or the length of a list or text, is outside its bounds.
 * @remedy Choose a value within the bounds. `ssql show <plugin>` lists them.
 */
export function outOfRange(expected: string, actual: string, where: string, location: Location): SsqlError {
  return new SsqlError('OUT_OF_RANGE', `Expected ${expected} at ${where}, found ${actual}.`, { location });
}

/**
 * A value has the right type, but is not allowed for its option.
 * @remedy Use one of the expected values. `ssql show <plugin>` lists them.
 */
export function optionInvalid(
  expected: string,
  actual: string,
  where: string,
  location: Location,
  hint?: string,
): SsqlError {
  return new SsqlError('OPTION_INVALID', `Expected ${expected} at ${where}, found ${actual}.`, { location, hint });
}

/**
 * A text is not a precision.
 * @remedy Write `float`, `w4a8`, `w4` or `a8`, with 1 to 16 bits. Evaluation stages also accept `mixed-w4a8`, `w4a8-folded`, and `w4a8@name` with the name of a calibration.
 * Float has no calibration.
 */
export function precisionInvalid(actual: string, where: string, location: Location, also = ''): SsqlError {
  return new SsqlError('PRECISION_INVALID', `Expected a precision at ${where}, found ${actual}.`, {
    location,
    hint: `Write \`float\`, \`w4a8\`, \`w4\` or \`a8\`, with 1 to 16 bits${also}.`,
  });
}
