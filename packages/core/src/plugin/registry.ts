import { PipelineErrors, pluginDuplicate, type SsqlError } from '../errors.js';
import type { AnyPlugin, Kind } from './contract.js';

/** The plugins of one package or file. */
export interface PluginPackage {
  /** The package's name or the file's path, for messages. */
  readonly name: string;
  /** The package's version; of a file, its hash. */
  readonly version?: string;
  readonly plugins: readonly AnyPlugin[];
}

/** All plugins that a pipeline may use. */
export interface Registry {
  get(kind: Kind, name: string): AnyPlugin | undefined;
  /** Plugins of a kind, or all, in the order of their packages. */
  list(kind?: Kind): readonly AnyPlugin[];
  readonly packages: readonly PluginPackage[];
}

/**
 * Brings packages of plugins together.
 * @throws PipelineErrors PLUGIN_DUPLICATE where two plugins share kind and name.
 */
export function createRegistry(packages: readonly PluginPackage[]): Registry {
  const entries = new Map<string, { readonly plugin: AnyPlugin; readonly from: string }>();
  const duplicates: SsqlError[] = [];
  for (const { name: from, plugins } of packages) {
    for (const plugin of plugins) {
      const key = `${plugin.kind} ${plugin.name}`;
      const other = entries.get(key);
      if (other) duplicates.push(pluginDuplicate(plugin.kind, plugin.name, other.from, from));
      else entries.set(key, { plugin, from });
    }
  }
  if (duplicates.length > 0) throw new PipelineErrors(duplicates);
  const all = Object.freeze([...entries.values()].map(({ plugin }) => plugin));
  return Object.freeze({
    get: (kind: Kind, name: string) => entries.get(`${kind} ${name}`)?.plugin,
    list: (kind?: Kind) => (kind === undefined ? all : all.filter((plugin) => plugin.kind === kind)),
    packages,
  });
}
