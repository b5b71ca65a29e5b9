import type { Tf } from '../engine/engine.js';
import type { Kind, PluginKinds } from '../kinds/kinds.js';
import type { Options, OptionsSchema } from './options.js';

/** What `create` is handed besides its options. */
export interface PluginContext<U extends Kind = never> {
  /** The tensor language of the one engine in the process; plugins never import their own. */
  readonly tf: Tf;
  /** The folder of the pipeline file: relative paths in options start here. */
  readonly folder: string;
  /** The pipeline's. A data plugin is shared by runs of all seeds: what it draws depends on its options alone. */
  readonly seed: number;
  /** The plugins named in the plugin's `needs`, made before this one. */
  readonly needs: { readonly [K in U]: PluginKinds[K] };
}

export interface Plugin<K extends Kind = Kind, S extends OptionsSchema = OptionsSchema, U extends Kind = Kind> {
  readonly kind: K;
  /** The name after `use:` in a pipeline, kebab-case. */
  readonly name: string;
  /** The versions of @ssql/core that the plugin is for, as a range (`^0.1.0`); left out: any. Checked when it is loaded. */
  readonly core?: string;
  /** What people call it, for labels of runs and reports: `SimSiam`; left out: the name. Empty: labels do not mention it. */
  readonly title?: string;
  /** One line for `ssql list`, hover texts and reference pages. */
  readonly summary: string;
  /** Where the plugin's mathematics come from. */
  readonly paper?: string;
  readonly options: S;
  /** Kinds of plugins that are made before this one and handed to `create`. */
  readonly needs?: readonly U[];
  create(options: Options<S>, context: PluginContext<U>): PluginKinds[K] | Promise<PluginKinds[K]>;
}

/** A plugin of any kind, as a registry holds it: its options were validated against its own schema. */
export interface AnyPlugin extends Omit<Plugin, 'create'> {
  // A method, so that plugins with narrower options and contexts are assignable.
  create(options: never, context: never): unknown;
}

/** Makes a plugin: a plain frozen object. Built-in and third-party plugins have no difference in power. */
export function definePlugin<const K extends Kind, const S extends OptionsSchema, const U extends Kind = never>(
  plugin: Plugin<K, S, U>,
): Plugin<K, S, U> {
  return Object.freeze(plugin);
}
