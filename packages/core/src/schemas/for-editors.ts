import type { JsonSchema } from '../pipeline/pipeline-schema.js';

/**
 * The schema of a value, as editors want it: satisfied also by a text with `${…}`, whose value is known when the pipeline is loaded, at
 * its own place and at every place within it; defaults are told in the descriptions. A type is widened where it stands, for editors
 * complete by it; an enum gets an alternative.
 */
export function forEditors(schema: JsonSchema): JsonSchema {
  const { description, default: fallback, title, ...rules } = withinForEditors(schema);
  const outside = described(description, shortened(fallback));
  if (Array.isArray(rules['anyOf'])) return { ...outside, ...rules, anyOf: [...rules['anyOf'], INTERPOLATED] };
  if (rules['enum'] !== undefined || rules['const'] !== undefined) {
    // Completion reads the default outside, and the description within the alternative.
    const { default: _, ...inside } = outside;
    return { ...outside, anyOf: [{ ...inside, ...rules }, INTERPOLATED] };
  }
  const { type, pattern } = rules;
  if (type === undefined || (type === 'string' && pattern === undefined)) return { ...outside, ...rules };
  return {
    ...outside,
    ...rules,
    type: type === 'string' ? type : [type, 'string'].flat(),
    pattern: pattern === undefined ? INTERPOLATED.pattern : `${String(pattern)}|${INTERPOLATED.pattern}`,
    // It would also be what is said of an unknown key.
    ...(type === 'object' ? {} : { errorMessage: `Expected ${String(title ?? inWords(type))} or a text with \${…}.` }),
  };
}

/** The same for what lies within a schema, but not at its own place. */
function withinForEditors(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(
    // Each keyword is given what JSON Schema says that it holds.
    Object.entries(schema).map(([keyword, value]) => [keyword, REWRITTEN[keyword]?.(value as never) ?? value]),
  );
}

const INTERPOLATED = { type: 'string', pattern: '\\$\\{[^}]+\\}' } as const;

/** What may stand there: a type, or several. */
function inWords(types: unknown): string {
  return [types].flat().map((type) => IN_WORDS[String(type)] ?? type).join(', ');
}

const IN_WORDS: { readonly [type: string]: string } = {
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
};

/** The keywords that hold schemas; what an `if` asks is left as it is. */
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

/** A name where that says it all. What remains long is told, but not proposed: editors make nothing readable of it. */
function shortened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shortened);
  return isReference(value) && Object.keys(value.with).length === 0 ? value.use : value;
}
