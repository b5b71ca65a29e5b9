import type { Kind } from '../plugin/contract.js';
import type { Registry } from '../plugin/registry.js';
import { pipelineSkeleton, REQUIRED_KEYS, type JsonSchema } from '../pipeline/skeleton.js';

/** The JSON Schema (draft-07) of pipeline files for editors, with the options of all plugins of a registry. */
export function pipelineSchema(registry: Registry): JsonSchema {
  const { properties, ...skeleton } = pipelineSkeleton((kind) => referenceSchema(registry, kind));
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'ssql pipeline',
    ...skeleton,
    properties,
    required: ['name'],
    // What else is required may come from the matrix.
    anyOf: [{ required: ['matrix'] }, { required: REQUIRED_KEYS }],
  };
}

function referenceSchema(registry: Registry, kind: Kind): JsonSchema {
  const plugins = registry.list(kind);
  const named = plugins.filter(({ options }) => needed(options).length === 0);
  const full = {
    type: 'object',
    additionalProperties: false,
    required: ['use'],
    properties: {
      use: { type: 'string', enum: plugins.map(({ name }) => name), description: `Name of a ${kind} plugin.` },
      with: { type: 'object', description: 'Its options.' },
    },
    allOf: plugins.map(({ name, summary, options }) => ({
      if: { properties: { use: { const: name } }, required: ['use'] },
      then: {
        properties: { with: { ...options, description: summary, required: needed(options) } },
        ...(needed(options).length > 0 ? { required: ['with'] } : {}),
      },
    })),
  };
  const short = { type: 'string', enum: named.map(({ name }) => name) };
  // An empty enum or allOf is not a schema.
  if (plugins.length === 0) return { anyOf: [{ type: 'string' }, { type: 'object' }] };
  return { anyOf: named.length > 0 ? [short, full] : [full] };
}

/** Options that must be written: required and without a default. */
function needed(options: { readonly required?: readonly string[]; readonly properties: object }): string[] {
  const properties = options.properties as { readonly [name: string]: { readonly default?: unknown } };
  return (options.required ?? []).filter((name) => properties[name]?.default === undefined);
}
