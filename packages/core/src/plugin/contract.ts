import type { Tf } from '../engine/engine.js';
import type { Kind, PluginKinds } from '../kinds/kinds.js';
import type { Options, OptionsSchema } from './options.js';

/** The second argument of `create`, after the options. */
export interface PluginContext<U extends Kind = never> {
  /** The tensor operations of the engine. Plugins must not import their own copy of TensorFlow.js. */
  readonly tf: Tf;
  /** The folder of the pipeline file. Relative paths in options start here. */
  readonly folder: string;
  /** The seed of the pipeline. Not available to data plugins: runs of all seeds share them, so their draws may depend only on their options. */
  readonly seed: number;
  /** The plugins of the kinds in `needs`, created before this one. */
  readonly needs: { readonly [K in U]: PluginKinds[K] };
}

export interface Plugin<K extends Kind = Kind, S extends OptionsSchema = OptionsSchema, U extends Kind = Kind> {
  readonly kind: K;
  /** The name after `use:` in a pipeline, kebab-case. */
  readonly name: string;
  /** The versions of @ssql/core that the plugin requires, as a range (`^0.1.0`); default: any. Checked when the plugin is loaded. */
  readonly core?: string;
  /** The name in labels of runs and in reports: `SimSiam`; default: `name`. If empty, labels omit the plugin. */
  readonly title?: string;
  /** One line for `ssql list`, hover texts and reference pages. */
  readonly summary: string;
  /** The paper that describes the plugin's mathematics. */
  readonly paper?: string;
  readonly options: S;
  /** Kinds of plugins that are created before this one and passed to `create`. */
  readonly needs?: readonly U[];
  create(options: Options<S>, context: PluginContext<U>): PluginKinds[K] | Promise<PluginKinds[K]>;
}

/** A plugin of any kind, as stored in a registry. Its options are validated against its schema before `create`. */
export interface AnyPlugin extends Omit<Plugin, 'create'> {
  // A method, so that plugins with narrower options and contexts are assignable.
  create(options: never, context: never): unknown;
}

/** Makes a plugin: a plain frozen object. Built-in and third-party plugins have the same capabilities. */
export function definePlugin<const K extends Kind, const S extends OptionsSchema, const U extends Kind = never>(
  plugin: Plugin<K, S, U>,
): Plugin<K, S, U> {
  return Object.freeze(plugin);
}
