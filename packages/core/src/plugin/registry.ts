import { PipelineErrors, type SsqlError } from '../errors.js';
import { pluginDuplicate } from './plugin-errors.js';
import { KINDS, type Kind } from '../kinds/kinds.js';
import type { AnyPlugin } from './contract.js';

/** The default references and values of pipelines, as a partial pipeline with names expanded. */
export type BasePipeline = { readonly [key: string]: unknown };

/** The plugins of one package or file. */
export interface PluginPackage {
  /** The package's name or the file's path, for messages. */
  readonly name: string;
  /** The package's version; for a file, its hash. */
  readonly version?: string;
  readonly plugins: readonly AnyPlugin[];
  /** Defaults of pipelines. Only those of the built-in package are used. */
  readonly base?: BasePipeline;
  /** Plugins that testers use to satisfy `needs` if the base pipeline has none of the kind: references by kind. */
  readonly companions?: { readonly [kind: string]: unknown };
  /** A pipeline that editors offer in an empty file; `${1:...}` in a text is a place to fill in. Only that of the built-in package is used. */
  readonly example?: { readonly label: string; readonly description: string; readonly body: object };
}

/** All plugins that a pipeline can use. */
export interface Registry {
  get(kind: Kind, name: string): AnyPlugin | undefined;
  /** The package or file of a plugin. */
  packageOf(kind: Kind, name: string): PluginPackage | undefined;
  /** The plugins of a kind, or all plugins, kind by kind. Those of a kind have the order of their packages. */
  list(kind?: Kind): readonly AnyPlugin[];
  readonly packages: readonly PluginPackage[];
  /** The defaults of pipelines, from the first package. */
  readonly base: BasePipeline;
}

/**
 * Makes a registry of several packages.
 * @throws PipelineErrors PLUGIN_DUPLICATE if two plugins have the same kind and name
 */
export function createRegistry(packages: readonly PluginPackage[]): Registry {
  const entries = new Map<string, { readonly plugin: AnyPlugin; readonly from: PluginPackage }>();
  const duplicates: SsqlError[] = [];
  for (const from of packages) {
    for (const plugin of from.plugins) {
      const key = `${plugin.kind} ${plugin.name}`;
      const other = entries.get(key);
      if (other) duplicates.push(pluginDuplicate(plugin.kind, plugin.name, other.from.name, from.name));
      else entries.set(key, { plugin, from });
    }
  }
  if (duplicates.length > 0) throw new PipelineErrors(duplicates);
  const order = KINDS.map(({ kind }) => kind as Kind);
  const all = [...entries.values()].map(({ plugin }) => plugin);
  // Kinds that plugins add come last.
  all.sort((a, b) => rank(order, a.kind) - rank(order, b.kind));
  return Object.freeze({
    get: (kind: Kind, name: string) => entries.get(`${kind} ${name}`)?.plugin,
    packageOf: (kind: Kind, name: string) => entries.get(`${kind} ${name}`)?.from,
    list: (kind?: Kind) => (kind === undefined ? all : all.filter((plugin) => plugin.kind === kind)),
    packages,
    base: packages[0]?.base ?? {},
  });
}

function rank(order: readonly Kind[], kind: Kind): number {
  const index = order.indexOf(kind);
  return index < 0 ? order.length : index;
}
