import type { Augmentation } from '../kinds/augmentation.js';
import type { Dataset } from '../kinds/data.js';
import type { Logger } from '../kinds/logger.js';
import type { Method } from '../kinds/method.js';
import type { Optimizer } from '../kinds/optimizer.js';
import type { Schedule } from '../kinds/schedule.js';
import type { Wrapper } from '../kinds/wrapper.js';
import type { Network } from '../nn/network.js';
import type { Tf } from '../engine/engine.js';
import type { Assigner } from '../kinds/assigner.js';
import type { Quantizer } from '../kinds/quantizer.js';
import type { Observer } from '../kinds/observer.js';
import type { Sampler } from '../kinds/sampler.js';
import type { Stage } from '../kinds/stage.js';
import type { Options, OptionsSchema } from './options.js';

/**
 * What a plugin of each kind makes. A third party opens a new kind by declaration merging; its plugin stands in a pipeline under the name of
 * the kind, at the top, and others reach it by `uses`.
 */
export interface PluginKinds {
  data: Dataset;
  augmentation: Augmentation;
  backbone: Network;
  method: Method;
  wrapper: Wrapper;
  quantizer: Quantizer;
  observer: Observer;
  sampler: Sampler;
  optimizer: Optimizer;
  schedule: Schedule;
  assigner: Assigner;
  stage: Stage;
  logger: Logger;
}

export type Kind = keyof PluginKinds;

/** What `create` is handed besides its options. */
export interface PluginContext<U extends Kind = never> {
  /** The tensor language of the one engine in the process; plugins never import their own. */
  readonly tf: Tf;
  /** The folder of the pipeline file: relative paths in options start here. */
  readonly folder: string;
  readonly seed: number;
  /** The plugins named in `uses`, made before this one. */
  readonly used: { readonly [K in U]: PluginKinds[K] };
}

export interface Plugin<K extends Kind = Kind, S extends OptionsSchema = OptionsSchema, U extends Kind = Kind> {
  readonly kind: K;
  /** The name after `use:` in a pipeline, kebab-case. */
  readonly name: string;
  /** The versions of @ssql/core that the plugin is for, as a range (`^0.1.0`); left out: any. Checked when it is loaded. */
  readonly core?: string;
  /** One line for `ssql list`, hover texts and reference pages. */
  readonly summary: string;
  /** Where the plugin's mathematics come from. */
  readonly paper?: string;
  readonly options: S;
  readonly uses?: readonly U[];
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
