import type { ErrorObject } from 'ajv';
import * as errors from './value-errors.js';
import type { Location, SsqlError } from '../errors.js';
import { didYouMean } from '../nearest-name.js';
import { EVALUATION_PRECISION_PATTERN } from '../quantization/evaluation-precision.js';
import { PRECISION_PATTERN } from '../quantization/precision.js';
import { pointerPath, type Path } from './locate.js';
import { isRecord } from './references.js';

/** An error without its place yet. */
export interface Problem {
  readonly path: Path;
  /** Unknown and missing keys point at the key, other problems at the value. */
  readonly at: 'key' | 'value';
  /** The key that the mapping at the path lacks. */
  readonly missing?: string;
  error(location: Location): SsqlError;
}

/** Converts Ajv's verbose errors; `prefix` is the path of the validated value. */
export function problems(ajvErrors: readonly ErrorObject[] | null | undefined, prefix: Path = []): Problem[] {
  // `if` only repeats errors of `then` or `else`.
  return (ajvErrors ?? []).filter(({ keyword }) => keyword !== 'if').map((error) => problem(error, prefix));
}

/** A path as text for messages. */
function dotted(path: Path): string {
  return path.length === 0 ? 'the pipeline' : `\`${path.join('.')}\``;
}

function problem(error: ErrorObject, prefix: Path): Problem {
  const path = [...prefix, ...pointerPath(error.instancePath)];
  const where = dotted(path);
  const value = describe(error.data);
  const { keyword, params } = error;
  if (keyword === 'additionalProperties') {
    const key = String(params['additionalProperty']);
    const known = isRecord(error.parentSchema?.['properties']) ? Object.keys(error.parentSchema['properties']) : [];
    return { path: [...path, key], at: 'key', error: (location) => errors.unknownKey(key, where, known, location) };
  }
  if (keyword === 'required') {
    const missing = String(params['missingProperty']);
    // A schema that only requires keys may describe what else will do.
    const hint =
      typeof error.parentSchema?.['description'] === 'string' ? error.parentSchema['description'] : undefined;
    const isOnly = error.parentSchema?.['properties'] === undefined;
    return {
      path,
      at: 'key',
      missing,
      error: (location) => errors.missingKey(missing, where, location, isOnly ? hint : undefined),
    };
  }
  return { path, at: 'value', error: (location) => valueError(error, value, where, location) };
}

function valueError(
  { keyword, params, data, message, parentSchema }: ErrorObject,
  value: string,
  where: string,
  location: Location,
): SsqlError {
  // A title in the schema of pipelines describes the expected value more precisely than its type.
  const title = typeof parentSchema?.['title'] === 'string' ? parentSchema['title'] : undefined;
  switch (keyword) {
    case 'type':
      return errors.wrongType(
        title ?? typesInWords(params['type']),
        typeof data === 'string' ? `the text ${value}` : value,
        where,
        location,
        typeof data === 'string' ? hintForText(data, [params['type']].flat()) : undefined,
      );
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return errors.outOfRange(
        `a number ${String(params['comparison'])} ${String(params['limit'])}`,
        value,
        where,
        location,
      );
    case 'minItems':
    case 'maxItems':
    case 'minProperties':
    case 'minLength':
      return errors.outOfRange(amount(keyword, Number(params['limit'])), value, where, location);
    case 'enum': {
      const allowed = (params['allowedValues'] as readonly unknown[]).map(String);
      const hint = typeof data === 'string' ? didYouMean(data, allowed) : undefined;
      return errors.optionInvalid(
        `one of ${allowed.map((option) => `\`${option}\``).join(', ')}`,
        value,
        where,
        location,
        hint,
      );
    }
    case 'false schema':
      return errors.optionInvalid(
        'no value',
        value,
        where,
        location,
        'Another key beside it says the same. Keep one of them.',
      );
    case 'const':
      return errors.optionInvalid(`\`${String(params['allowedValue'])}\``, value, where, location);
    case 'uniqueItems':
      return errors.optionInvalid('different items', 'the same item twice', where, location);
    case 'pattern':
      if (params['pattern'] === PRECISION_PATTERN) return errors.precisionInvalid(value, where, location);
      if (params['pattern'] === EVALUATION_PRECISION_PATTERN)
        return errors.precisionInvalid(
          value,
          where,
          location,
          ', optionally with the prefix `mixed-` or the suffix `-folded`; except at float, also with a calibration: `w4a8@name`',
        );
      return errors.optionInvalid(title ?? `text of the form ${String(params['pattern'])}`, value, where, location);
    default:
      return errors.optionInvalid(`a value that ${message ?? keyword}`, value, where, location);
  }
}

const TYPES: { readonly [type: string]: string } = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
};

/** The hint for a text that should be the item of a list, or a number or truth value without quotes or no-break spaces. */
function hintForText(text: string, types: readonly unknown[]): string | undefined {
  if (types.length === 1 && types[0] === 'array' && /^[\w./-]+$/.test(text)) return `Write a list: \`[${text}]\`.`;
  const bare = text.replace(/\s/g, '');
  const number =
    bare !== '' && Number.isFinite(Number(bare)) && (types.includes('number') || types.includes('integer'));
  if (!number && !(types.includes('boolean') && ['true', 'false'].includes(bare))) return undefined;
  return /[\u00a0\u2007\u202f]/.test(text)
    ? `Replace the no-break space by a space: \`${bare}\`.`
    : `Write \`${bare}\` without quotes.`;
}

/** One or several JSON types in words. */
function typesInWords(types: unknown): string {
  return [types]
    .flat()
    .map((type) => TYPES[String(type)] ?? String(type))
    .join(' or ');
}

function amount(keyword: string, limit: number): string {
  const unit = keyword.endsWith('Items') ? 'item' : keyword.endsWith('Length') ? 'character' : 'key';
  return `${keyword.startsWith('min') ? 'at least' : 'at most'} ${limit} ${unit}${limit === 1 ? '' : 's'}`;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping';
  if (typeof value !== 'string') return String(value);
  return value === '' ? 'empty text' : `\`${value.length > 60 ? `${value.slice(0, 60)}…` : value}\``;
}
