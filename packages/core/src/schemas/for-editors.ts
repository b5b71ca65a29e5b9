import type { JsonSchema } from '../pipeline/pipeline-schema.js';
import { EVALUATION_PRECISION_PATTERN } from '../quantization/evaluation-precision.js';
import { PRECISION_PATTERN } from '../quantization/precision.js';

/**
 * Adapts the schema of a value for editors. The value and all values within it may also be text with `${…}`, whose value is known only
 * when the pipeline is loaded. Descriptions mention defaults. A type is widened in place, because editors use it for completion; an enum
 * gets an alternative.
 */
export function forEditors(schema: JsonSchema): JsonSchema {
  const { description, default: fallback, title, ...rules } = withinForEditors(schema);
  const outside = described(description, shortened(fallback));
  if (Array.isArray(rules['anyOf'])) return { ...outside, ...rules, anyOf: [...rules['anyOf'], INTERPOLATED] };
  if (rules['enum'] !== undefined || rules['const'] !== undefined) {
    // Completion reads the default outside the alternatives, and the description within them.
    const { default: _, ...inside } = outside;
    return { ...outside, anyOf: [{ ...inside, ...rules }, INTERPOLATED] };
  }
  const { type, pattern } = rules;
  if (isPrecision(pattern)) return precisionForEditors(outside, rules);
  // A pin: a precision, or a mapping.
  if (isPrecision((rules['then'] as JsonSchema | undefined)?.['pattern']))
    return { ...outside, anyOf: [precisionForEditors({}, rules['then'] as JsonSchema), rules['else']] };
  if (type === undefined || (type === 'string' && pattern === undefined)) return { ...outside, ...rules };
  return {
    ...outside,
    ...rules,
    type: type === 'string' ? type : [type, 'string'].flat(),
    pattern: pattern === undefined ? INTERPOLATED.pattern : `${String(pattern)}|${INTERPOLATED.pattern}`,
    // For an object, editors would also show this message for an unknown key.
    ...(type === 'object' ? {} : { errorMessage: `Expected ${String(title ?? inWords(type))} or a text with \${…}.` }),
  };
}

const PRECISIONS = ['float', 'w8a8', 'w4a4', 'w3a3', 'w2a8', 'w2a4'];

function isPrecision(pattern: unknown): boolean {
  return pattern !== undefined && [PRECISION_PATTERN, EVALUATION_PRECISION_PATTERN].some((known) => String(pattern).startsWith(known));
}

/** A precision: usual ones are offered, and the message says how one is written. */
function precisionForEditors(outside: JsonSchema, rules: JsonSchema): JsonSchema {
  return {
    ...outside,
    type: 'string',
    pattern: `${String(rules['pattern']).replace(`|${INTERPOLATED.pattern}`, '')}|${INTERPOLATED.pattern}`,
    examples: PRECISIONS,
    errorMessage: 'Expected a precision: float, w4a8, w4 (float activations) or a8 (float weights).',
  };
}

/** Adapts the schemas within a schema, but not the schema itself. */
function withinForEditors(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(
    // Each keyword has a value of the type that JSON Schema defines.
    Object.entries(schema).map(([keyword, value]) => [keyword, REWRITTEN[keyword]?.(value as never) ?? value]),
  );
}

const INTERPOLATED = { type: 'string', pattern: '\\$\\{[^}]+\\}' } as const;

/** One or several JSON types in words. */
function inWords(types: unknown): string {
  return [types].flat().map((type) => IN_WORDS[String(type)] ?? type).join(', ');
}

const IN_WORDS: { readonly [type: string]: string } = {
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
};

/** The keywords that contain schemas, except `if`, whose condition is unchanged. */
const REWRITTEN: { readonly [keyword: string]: (value: never) => unknown } = {
  properties: (properties: { readonly [name: string]: JsonSchema }) =>
    Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, forEditors(property)])),
  additionalProperties: (schema: JsonSchema | false) => schema && forEditors(schema),
  items: forEditors,
  anyOf: (schemas: readonly JsonSchema[]) => schemas.map(withinForEditors),
  allOf: (schemas: readonly JsonSchema[]) => schemas.map(withinForEditors),
  then: forEditors,
  else: forEditors,
};

function described(description: unknown, fallback: unknown): JsonSchema {
  const value = JSON.stringify(fallback);
  const obvious = value === undefined || value === '{}' || value === '[]';
  return {
    ...(description === undefined ? {} : { description: obvious ? description : `${String(description)}\nDefault: ${value}` }),
    ...(fallback === undefined || isReference(fallback) ? {} : { default: fallback }),
  };
}

interface Reference {
  readonly use: string;
  readonly with: object;
}

function isReference(value: unknown): value is Reference {
  return typeof value === 'object' && value !== null && 'use' in value;
}

/** Shortens references without options to names. Longer defaults are described, but not suggested: editors show them unreadably. */
function shortened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shortened);
  return isReference(value) && Object.keys(value.with).length === 0 ? value.use : value;
}
