import type { Tf } from '../engine/engine.js';
import type { NeuralOps } from '../engine/neural-ops.js';
import type { Kind, PluginKinds } from '../kinds/kinds.js';
import type { Operand } from '../kinds/quantizer.js';
import type { Options, OptionsSchema } from './options.js';

/** The second argument of `create`, after the options. */
export interface PluginContext<U extends Kind = never> {
  /** The tensor operations of the engine. Plugins must not import their own copy of TensorFlow.js. */
  readonly tf: Tf;
  /** Operations with the same results on every engine: convolutions with padding on every side, batch norm, relu. Fast kernels where the engine has them. */
  readonly ops: NeuralOps;
  /** The folder of the pipeline file. Relative paths in options start here. */
  readonly folder: string;
  /** Of data plugins, while a pipeline runs: a folder for large temporary files, which may not exist yet. What a plugin puts there, it removes. */
  readonly scratch?: string;
  /** The seed of the pipeline. Not available to data plugins: runs of all seeds share them, so their draws may depend only on their options. */
  readonly seed: number;
  /** The plugins of the kinds in `needs`, created before this one. */
  readonly needs: { readonly [K in U]: PluginKinds[K] };
}

/** The resolved pipeline of a run: validated, with defaults, frozen. `@ssql/core/run` exports its type as `Pipeline`. */
export interface ResolvedPipeline {
  readonly [key: string]: unknown;
}

/** What a quantizer serves. A pipeline that asks for something else is not valid. */
export interface Serves {
  /** Its bit widths; default: all. */
  readonly bits?: { readonly min: number; readonly max: number };
  /** Default: weights and activations. */
  readonly operands?: readonly Operand[];
}

/** What `create` makes. */
export type Product<K extends Kind> = PluginKinds[K] & {
  /** Frees what the product holds, such as tensors or files. Called once after the run, also if it failed. */
  dispose?(): void | Promise<void>;
};

/** A file of a published set of images. */
export interface DataFile {
  /** The publisher's address, `http` or `https`. Its last part is the name of the file, another one for each file. */
  readonly url: string;
  readonly md5: string;
  /** Of archives, which are unpacked: the number of leading folders of each path that are left out. */
  readonly strip?: number;
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
  /** Of quantizers: the bit widths and operands that it serves. Default: all. `ssql validate` checks the pipeline's sets, pins and precisions. */
  readonly serves?: Serves;
  /** Kinds of plugins that are created before this one and passed to `create`. */
  readonly needs?: readonly U[];
  /** Options that change no result, such as a number of threads. They are not part of the identity of a run. */
  readonly neutral?: readonly (keyof S['properties'] & string)[];
  /** Of data: the files that `ssql data get` downloads. */
  readonly files?: readonly DataFile[];
  /**
   * Checks options in combination with each other and with the pipeline. `ssql validate` calls it, and so does everything that loads a
   * pipeline; it has no engine, reads no files and changes nothing.
   * @throws SsqlError for a problem, with the name of the wrong option as `option` in its details; PipelineErrors for several
   */
  check?(options: Options<S>, pipeline: ResolvedPipeline): void;
  /**
   * A hash of what the plugin reads besides its options, such as a file of weights. It belongs to the identity of a run: if it changes,
   * results are not reused. A data plugin does not need it, because its dataset has a fingerprint.
   */
  fingerprint?(options: Options<S>, context: Pick<PluginContext, 'folder'>): string | Promise<string>;
  /** Called at most once for each place in a run, and only if the run has something to do. */
  create(options: Options<S>, context: PluginContext<U>): Product<K> | Promise<Product<K>>;
}

/** A plugin of any kind, as stored in a registry. Its options are validated against its schema before `create`. */
export interface AnyPlugin extends Omit<Plugin, 'check' | 'fingerprint' | 'create'> {
  // Methods, so that plugins with narrower options and contexts are assignable.
  check?(options: never, pipeline: never): void;
  fingerprint?(options: never, context: never): string | Promise<string>;
  create(options: never, context: never): unknown;
}

/** Makes a plugin: a plain frozen object. Built-in and third-party plugins have the same capabilities. */
export function definePlugin<const K extends Kind, const S extends OptionsSchema, const U extends Kind = never>(
  plugin: Plugin<K, S, U>,
): Plugin<K, S, U> {
  return Object.freeze(plugin);
}
