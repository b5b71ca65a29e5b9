import type { Engine } from '../engine/engine.js';
import type { Kind, PluginKinds } from '../kinds/kinds.js';
import type { AnyPlugin } from '../plugin/contract.js';
import type { Companions } from './companions.js';

/** A property of every plugin of a kind, whatever its options. */
export interface Law<K extends Kind, Extra> {
  /** The title of its test and its key in `exempt`. */
  readonly name: string;
  /** The engine that it is checked on; default: `cpu`, plain JavaScript. */
  readonly engine?: 'tensorflow';
  /** Options that it sets over those of the case. */
  readonly options?: { readonly [name: string]: unknown };
  /** Whether it applies to a plugin; default: to all. */
  readonly concerns?: (plugin: AnyPlugin) => boolean;
  /** Why it does not apply to a case; the test is then pending. */
  readonly pending?: (extra: Extra) => string | undefined;
  /** Throws or rejects if the law does not hold. Tensors that it makes are freed afterwards. */
  readonly check: (subject: Subject<K, Extra>) => void | Promise<void>;
}

/** What a law is checked on: the plugin's product for the options of a case. */
export interface Subject<K extends Kind, Extra> {
  readonly engine: Engine;
  readonly made: PluginKinds[K];
  /** Creates the plugin once more, with other options if there are any. */
  readonly again: (options?: object) => Promise<PluginKinds[K]>;
  /** What the case sets besides options. */
  readonly extra: Extra;
  /** Real plugins that work with the tested one. */
  readonly companions: Companions;
}
