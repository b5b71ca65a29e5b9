import type { Kind } from '../kinds/kinds.js';
import { withReferences } from '../pipeline/nested-references.js';
import type { AnyPlugin } from '../plugin/contract.js';
import type { JsonSchema } from '../pipeline/pipeline-schema.js';

/**
 * The schema of a reference to a plugin of a kind: a name, or `use` and `with`. Keys that another file may supply are required only if
 * the reference must be `whole`. `within` is the schema of a plugin in the options of a plugin.
 */
export function referenceSchema(plugins: readonly AnyPlugin[], { whole, within }: { readonly whole: boolean; readonly within: (kind: Kind) => JsonSchema },
): JsonSchema {
  // An empty enum or allOf is not a schema.
  if (plugins.length === 0) return { anyOf: [{ type: 'string' }, { type: 'object' }] };
  const names = {
    type: 'string',
    enum: plugins.map(({ name }) => name),
    enumDescriptions: plugins.map(({ summary }) => summary),
  };
  const full = {
    type: 'object',
    additionalProperties: false,
    properties: { use: { ...names, doNotSuggest: true }, with: { doNotSuggest: true } },
    allOf: [
      ...plugins.map((plugin) => ({ if: uses(plugin), then: optionsOf(plugin, within) })),
      // Last, because editors show the first description that they find.
      {
        properties: {
          use: { type: 'string', description: 'Name of the plugin.' },
          with: { type: 'object', description: 'Options of the plugin.' },
        },
      },
    ],
  };
  return { anyOf: [names, full], ...(whole ? referenceRequirements(plugins) : {}) };
}

/** The required keys of a reference. */
export function referenceRequirements(plugins: readonly AnyPlugin[]): JsonSchema {
  const demanding = plugins.filter((plugin) => needed(plugin).length > 0);
  return {
    doNotSuggest: true,
    allOf: [
      { if: { type: 'object' }, then: { required: ['use'] } },
      ...demanding.flatMap((plugin) => [
        {
          if: { type: 'object', ...uses(plugin) },
          then: { required: ['with'], properties: { with: { doNotSuggest: true, required: needed(plugin) } } },
        },
        {
          if: { const: plugin.name },
          then: { type: 'object', errorMessage: `\`${plugin.name}\` has required options: write \`use\` and \`with\`.` },
        },
      ]),
    ],
  };
}

function optionsOf(plugin: AnyPlugin, within: (kind: Kind) => JsonSchema): JsonSchema {
  const { summary, paper } = plugin;
  const options = withReferences(plugin.options, within);
  const needs = needed(plugin);
  const properties = Object.entries(options.properties).map(([option, schema]) => [
    option,
    needs.includes(option) ? { ...schema, description: `${schema.description}\nRequired.` } : schema,
  ]);
  const description = paper === undefined ? summary : `${summary}\n${paper}`;
  return {
    properties: {
      use: { doNotSuggest: true, description },
      with: {
        doNotSuggest: true,
        type: 'object',
        additionalProperties: false,
        description: summary,
        properties: Object.fromEntries(properties),
      },
    },
  };
}

function uses({ name }: AnyPlugin): JsonSchema {
  return { properties: { use: { const: name } }, required: ['use'] };
}

/** Options that are required and have no default. */
function needed({ options }: AnyPlugin): string[] {
  return (options.required ?? []).filter((name) => options.properties[name]?.default === undefined);
}
