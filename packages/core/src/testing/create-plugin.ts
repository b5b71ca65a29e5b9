import { PipelineErrors } from '../errors.js';
import { composedOps } from '../engine/composed-ops.js';
import type { Tf } from '../engine/engine.js';
import { holding } from '../pipeline/nested-references.js';
import type { Reference } from '../pipeline/pipeline.js';
import { expandNamesIn, slotsIn } from '../pipeline/references.js';
import { createOptionsValidator } from '../pipeline/validate.js';
import type { Kind, PluginKinds } from '../kinds/kinds.js';
import type { AnyPlugin, PluginContext } from '../plugin/contract.js';
import type { Registry } from '../plugin/registry.js';
import type { SuppliedCompanions } from './cases.js';
import { standInOf } from './companions.js';
import { testerInvalid } from './tester-errors.js';

/** A plugin of a kind, as a registry holds it. */
export type AnyPluginOf<K extends Kind> = AnyPlugin & { readonly kind: K };

/** Calls a plugin's `create`. */
export type CreatePlugin = <K extends Kind>(plugin: AnyPluginOf<K>, options: object, tf: Tf) => Promise<PluginKinds[K]>;

/** The seed passed to plugins. */
export const SEED = 1;

/**
 * Makes plugins as a pipeline does: the plugin's schema validates the options and fills in defaults, then they are frozen. What a
 * plugin `needs` is supplied by the cases, or comes from the base pipeline or the companions that the built-in package names.
 */
export function pluginCreator(registry: Registry, supplied: SuppliedCompanions = {}): CreatePlugin {
  const validateOptions = createOptionsValidator();
  return async function create(plugin, options, tf) {
    const filled = structuredClone(options);
    const location = { file: `${plugin.kind} ${plugin.name}`, line: 1, column: 1, frame: JSON.stringify(options) };
    const slot = { kind: plugin.kind, path: [], value: { use: plugin.name, with: filled }, replace: () => undefined };
    // The plugin itself need not be in the registry.
    const known = {
      ...registry,
      get: (kind: Kind, name: string) => (name === plugin.name ? plugin : registry.get(kind, name)),
    };
    expandNamesIn(slot, known);
    const problems = validateOptions(plugin, filled, ['with']);
    if (problems.length > 0) throw new PipelineErrors(problems.map((problem) => problem.error(location)));
    plugin.check?.(deepFreeze(filled) as never, registry.base as never);
    const needs: { [kind: string]: unknown } = {};
    for (const kind of plugin.needs ?? []) {
      const { standIn, options } = supplied[kind]
        ? { standIn: supplied[kind].plugin as AnyPluginOf<Kind>, options: supplied[kind].options ?? {} }
        : standInFor(registry, kind, plugin.name);
      needs[kind] = await create(standIn, options, tf);
    }
    expandNamesIn(slot, known); // validation has filled in defaults
    const products: unknown[] = [];
    for (const { kind, value } of slotsIn(slot, known)) {
      const { use, with: inner } = value as Reference;
      const held = registry.get(kind, use);
      if (held === undefined) throw testerInvalid(`${plugin.name} uses the ${kind} ${use}, which testers do not know`);
      products.push(await create(held, inner, tf));
    }
    const frozen = deepFreeze(filled);
    const written = products.length === 0 ? frozen : holding(plugin.options, frozen, products);
    const context: PluginContext = { tf, ops: composedOps(), folder: process.cwd(), seed: SEED, needs };
    // The options were validated against the plugin's own schema; what it makes is of its kind.
    return (await plugin.create(written as never, context as never)) as never;
  };
}

function standInFor(
  registry: Registry,
  kind: Kind,
  user: string,
): { readonly standIn: AnyPluginOf<Kind>; readonly options: object } {
  const reference = standInOf(registry, kind);
  const standIn = reference && registry.get(kind, reference.use);
  if (standIn === undefined)
    throw testerInvalid(
      `${user} needs a ${kind}, and testers have no plugin of that kind`,
      `Add one to the cases: \`companions: { ${kind}: { plugin } }\`.`,
    );
  return { standIn, options: reference?.with ?? {} };
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
