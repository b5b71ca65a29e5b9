import { PipelineErrors } from '../errors.js';
import type { Tf } from '../engine/engine.js';
import { createOptionsValidator } from '../pipeline/validate.js';
import type { AnyPlugin, Kind, PluginContext, PluginKinds } from '../plugin/contract.js';
import type { Registry } from '../plugin/registry.js';
import { testerInvalid } from './tester-errors.js';

/** A plugin of a kind, as a registry holds it. */
export type AnyPluginOf<K extends Kind> = AnyPlugin & { readonly kind: K };

/** Makes what a plugin makes. */
export type CreatePlugin = <K extends Kind>(plugin: AnyPluginOf<K>, options: object, tf: Tf) => Promise<PluginKinds[K]>;

/** The seed that plugins are made with. */
export const SEED = 1;

/** What stands for the plugins that the one under test `uses`. */
const USED: { readonly [K in Kind]?: string } = {
  backbone: 'resnet18',
  method: 'simsiam',
  wrapper: 'none',
  quantizer: 'uniform',
  observer: 'minmax',
  sampler: 'uniform-per-step',
  assigner: 'integer-program',
  optimizer: 'sgd',
  schedule: 'cosine',
};

/**
 * Makes plugins as a pipeline does: options validated and filled in by the plugin's schema, then frozen. What a plugin `uses` is taken
 * from the registry, with its default options.
 */
export function pluginCreator(registry: Registry): CreatePlugin {
  const validateOptions = createOptionsValidator();
  return async function create(plugin, options, tf) {
    const filled = structuredClone(options);
    const location = { file: `${plugin.kind} ${plugin.name}`, line: 1, column: 1, frame: JSON.stringify(options) };
    const problems = validateOptions(plugin, filled, ['with']);
    if (problems.length > 0) throw new PipelineErrors(problems.map((problem) => problem.error(location)));
    const used: { [kind: string]: unknown } = {};
    for (const kind of plugin.uses ?? []) used[kind] = await create(usedPlugin(registry, kind, plugin.name), {}, tf);
    const context: PluginContext = { tf, folder: process.cwd(), seed: SEED, used };
    // The options were validated against the plugin's own schema; what it makes is of its kind.
    return (await plugin.create(deepFreeze(filled) as never, context as never)) as never;
  };
}

function usedPlugin(registry: Registry, kind: Kind, user: string): AnyPluginOf<Kind> {
  const found = registry.get(kind, USED[kind] ?? '');
  if (found === undefined) throw testerInvalid(`${user} uses the ${kind}, which testers have none of`);
  return found;
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
