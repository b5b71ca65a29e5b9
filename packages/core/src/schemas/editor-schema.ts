import type { Registry } from '../plugin/registry.js';
import type { Kind } from '../kinds/kinds.js';
import { ANY_NAME, isListed, PLACES } from '../kinds/kinds.js';
import { openedKinds } from '../pipeline/references.js';
import { pipelineSchema, REQUIRED_KEYS, type JsonSchema } from '../pipeline/pipeline-schema.js';
import { forEditors } from './for-editors.js';
import { matrixSchema } from './matrix-schema.js';
import { referenceRequirements, referenceSchema } from './reference-schema.js';

/**
 * The JSON Schema (draft-07) of pipeline files for editors, with the options of all plugins of a registry. It accepts each file that
 * `ssql validate` accepts: keys are required only if neither another file nor a matrix can supply them.
 */
export function editorSchema(registry: Registry): JsonSchema {
  const held = new Set<Kind>();
  const within = (kind: Kind): JsonSchema => {
    held.add(kind);
    return { $ref: `#/definitions/${kind}` };
  };
  const reference = (kind: Kind): JsonSchema =>
    // Lists are replaced, not merged, so their items must be complete.
    referenceSchema(registry.list(kind), { whole: LISTED.has(kind), within });
  const opened = openedKinds(registry).map((kind) => [
    kind,
    { ...reference(kind), description: `A plugin of kind ${kind}.` },
  ]);
  const properties: Properties = {
    ...(pipelineSchema(reference, registry.base)['properties'] as Properties),
    ...(Object.fromEntries(opened) as Properties),
  };
  // Mappings with required keys.
  const demanding = Object.entries(properties)
    .map(([name, property]) => [name, keywordsOf(property, true)] as const)
    .filter(([, keywords]) => Object.keys(keywords).length > 0);
  const { matrix = {}, monitor = {}, ...others } = Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, forEditors(keywordsOf(property, false))]),
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'ssql pipeline',
    type: 'object',
    additionalProperties: false,
    ...definitionsOf(registry, held, within),
    defaultSnippets: registry.packages.flatMap(({ example }) => (example === undefined ? [] : [example])),
    properties: {
      ...others,
      monitor: { ...monitor, type: [monitor['type'], 'null'].flat() }, // `null` takes an inherited one away, as with the matrix
      matrix: matrixSchema(matrix, { ...others, monitor }),
    },
    allOf: [
      { if: { not: { required: ['extends'] } }, then: { required: ['name'] } },
      {
        if: { not: { anyOf: [{ required: ['extends'] }, { required: ['matrix'] }] } },
        then: { required: REQUIRED_KEYS, ...requirements(registry, demanding) },
      },
    ],
  };
}

/** The schemas of the kinds that occur within options. A definition can refer to itself, as plugins can hold plugins. */
function definitionsOf(registry: Registry, held: ReadonlySet<Kind>, within: (kind: Kind) => JsonSchema): JsonSchema {
  const definitions: { [kind: string]: JsonSchema } = {};
  // The set grows while kinds within kinds are met.
  for (const kind of held)
    definitions[kind] = forEditors(referenceSchema(registry.list(kind), { whole: true, within }));
  return held.size === 0 ? {} : { definitions };
}

/** The keywords of a property that require keys of a mapping, or the others. */
function keywordsOf(property: JsonSchema, requiring: boolean): JsonSchema {
  // In a property that is no mapping, `if` tells types apart.
  const names = property['type'] === 'object' ? ['required', 'if', 'else'] : ['required'];
  return Object.fromEntries(Object.entries(property).filter(([keyword]) => names.includes(keyword) === requiring));
}

type Properties = { readonly [name: string]: JsonSchema };

const LISTED = new Set(PLACES.filter(({ path }) => isListed(path)).map(({ kind }) => kind));

/** The required keys of all mappings of a pipeline. */
function requirements(registry: Registry, demanding: readonly (readonly [name: string, mapping: JsonSchema])[]): JsonSchema {
  const opened = openedKinds(registry).map((kind) => ({ path: kind, kind }));
  const references = [...PLACES.filter(({ kind }) => !LISTED.has(kind)), ...opened].map(
    ({ path, kind }) => [path.split('.'), referenceRequirements(registry.list(kind))] as const,
  );
  const keys = demanding.map(([name, keywords]) => [[name], { ...keywords, doNotSuggest: true }] as const);
  return nested([...keys, ...references]);
}

/** Combines schemas by path into one schema of nested properties, from which editors suggest nothing. */
function nested(entries: readonly (readonly [path: readonly string[], schema: JsonSchema])[]): JsonSchema {
  const names = [...new Set(entries.map(([[name]]) => name))].filter((name) => name !== undefined);
  const schemas = names.map((name) => {
    const inner = entries.filter(([path]) => path[0] === name).map(([path, schema]) => [path.slice(1), schema] as const);
    const leaf = inner.find(([path]) => path.length === 0);
    return [name, leaf === undefined ? nested(inner) : leaf[1]] as const;
  });
  const named = schemas.filter(([name]) => name !== ANY_NAME);
  const any = schemas.find(([name]) => name === ANY_NAME);
  const properties = named.length === 0 ? {} : { properties: Object.fromEntries(named) };
  return { doNotSuggest: true, ...properties, ...(any && { additionalProperties: any[1] }) };
}
