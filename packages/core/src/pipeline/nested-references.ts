import type { Kind } from '../kinds/kinds.js';
import type { JsonSchema } from './pipeline-schema.js';
import type { Path } from './locate.js';

/** A plugin reference within the options of a plugin. */
export interface NestedReference {
  readonly kind: Kind;
  readonly path: Path;
  readonly value: unknown;
  replace(value: unknown): void;
}

/** The plugin references that a schema marks in a value, in the order of the schema. Values of other types have none. */
export function nestedReferences(schema: object, holder: unknown, path: Path): NestedReference[] {
  const { properties, additionalProperties, items } = schema as JsonSchema;
  if (typeof holder !== 'object' || holder === null) return [];
  const values = holder as Record<string, unknown>; // keys index lists and mappings alike
  const at = (key: string | number, inner: unknown): NestedReference[] => {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(values, key)) return [];
    const here = [...path, key];
    if (!('plugin' in inner)) return nestedReferences(inner, values[key], here);
    const replace = (value: unknown): void => void (values[key] = value);
    return [{ kind: inner.plugin as Kind, path: here, value: values[key], replace }];
  };
  if (Array.isArray(holder)) return holder.flatMap((_, index) => at(index, items));
  if (properties) return Object.entries(properties).flatMap(([name, inner]) => at(name, inner));
  return Object.keys(values).flatMap((name) => at(name, additionalProperties));
}

/** Options with the products of plugins in the places of their references, in the order of `nestedReferences`. */
export function holding(schema: object, options: object, products: readonly unknown[]): object {
  const copy = structuredClone(options);
  nestedReferences(schema, copy, []).forEach(({ replace }, index) => replace(products[index]));
  return Object.freeze(copy);
}

/** A schema with the schemas of plugin references in the place of their markers; names in defaults are expanded. */
export function withReferences<T>(schema: T, reference: (kind: Kind) => JsonSchema): T {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map((item: unknown) => withReferences(item, reference)) as T;
  if ('plugin' in schema && typeof schema.plugin === 'string') {
    const { plugin, ...rest } = schema;
    return { ...reference(plugin as Kind), ...rest, ...expandedDefault(schema) } as T;
  }
  const inner = Object.entries(schema).map(([keyword, value]) => [
    keyword,
    LITERAL.has(keyword) ? (value as unknown) : withReferences(value as unknown, reference),
  ]);
  return { ...Object.fromEntries(inner), ...expandedDefault(schema) } as T;
}

/** Keywords whose values are no schemas. */
const LITERAL: ReadonlySet<string> = new Set(['default', 'enum', 'const', 'required']);

function expandedDefault(schema: object): object {
  // In a list of properties, `default` may be the name of a property.
  if (!('default' in schema) || !('plugin' in schema || 'type' in schema)) return {};
  const holder = { default: structuredClone(schema.default) };
  for (const { value, replace } of nestedReferences({ properties: { default: schema } }, holder, []))
    if (typeof value === 'string') replace({ use: value, with: {} });
  return holder;
}
