import type { Registry } from '../plugin/registry.js';
import type { Kind } from '../kinds/kinds.js';
import { isListed, PLACES } from '../kinds/kinds.js';
import { openedKinds } from '../pipeline/references.js';
import { pipelineSchema, REQUIRED_KEYS, type JsonSchema } from '../pipeline/pipeline-schema.js';
import { forEditors } from './for-editors.js';
import { referenceRequirements, referenceSchema } from './reference-schema.js';

/**
 * The JSON Schema (draft-07) of pipeline files for editors, with the options of all plugins of a registry. It accepts each file that
 * `ssql validate` accepts: keys are required only if neither another file nor a matrix can supply them.
 */
export function editorSchema(registry: Registry): JsonSchema {
  const reference = (kind: Kind): JsonSchema =>
    // Lists are replaced, not merged, so their items must be complete.
    referenceSchema(registry.list(kind), { whole: LISTED.has(kind), within: (inner) => nestedReference(registry, inner) });
  const opened = openedKinds(registry).map((kind) => [
    kind,
    { ...reference(kind), description: `A plugin of kind ${kind}.` },
  ]);
  const properties: Properties = {
    ...(pipelineSchema(reference, registry.base)['properties'] as Properties),
    ...(Object.fromEntries(opened) as Properties),
  };
  // Mappings with required keys.
  const demanding = Object.entries(properties).filter(([, { required }]) => required !== undefined);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'ssql pipeline',
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, { required: _, ...property }]) => [name, forEditors(property)]),
    ),
    allOf: [
      { if: { not: { required: ['extends'] } }, then: { required: ['name'] } },
      {
        if: { not: { anyOf: [{ required: ['extends'] }, { required: ['matrix'] }] } },
        then: { required: REQUIRED_KEYS, ...requirements(registry, demanding) },
      },
    ],
  };
}

/** A plugin within the options of a plugin, with its options; plugins within that one have names only, because they could go on forever. */
function nestedReference(registry: Registry, kind: Kind): JsonSchema {
  const names = (inner: Kind): JsonSchema => {
    const known = registry.list(inner).map(({ name }) => name);
    return { anyOf: [{ type: 'string', ...(known.length > 0 && { enum: known }) }, { type: 'object' }] };
  };
  return referenceSchema(registry.list(kind), { whole: true, within: names });
}

type Properties = { readonly [name: string]: JsonSchema };

const LISTED = new Set(PLACES.filter(({ path }) => isListed(path)).map(({ kind }) => kind));

/** The required keys of all mappings of a pipeline. */
function requirements(registry: Registry, demanding: readonly (readonly [name: string, mapping: JsonSchema])[]): JsonSchema {
  const opened = openedKinds(registry).map((kind) => ({ path: kind, kind }));
  const references = [...PLACES.filter(({ kind }) => !LISTED.has(kind)), ...opened].map(
    ({ path, kind }) => [path.split('.'), referenceRequirements(registry.list(kind))] as const,
  );
  const keys = demanding.map(([name, { required }]) => [[name], { required, doNotSuggest: true }] as const);
  return nested([...keys, ...references]);
}

/** Combines schemas by path into one schema of nested properties, from which editors suggest nothing. */
function nested(entries: readonly (readonly [path: readonly string[], schema: JsonSchema])[]): JsonSchema {
  const names = [...new Set(entries.map(([[name]]) => name))].filter((name) => name !== undefined);
  const properties = names.map((name) => {
    const inner = entries.filter(([path]) => path[0] === name).map(([path, schema]) => [path.slice(1), schema] as const);
    const leaf = inner.find(([path]) => path.length === 0);
    return [name, leaf === undefined ? nested(inner) : leaf[1]] as const;
  });
  return { doNotSuggest: true, properties: Object.fromEntries(properties) };
}
