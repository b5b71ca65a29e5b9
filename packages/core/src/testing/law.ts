import type { Engine } from '../engine/engine.js';
import type { Kind, PluginKinds } from '../kinds/kinds.js';
import type { AnyPlugin } from '../plugin/contract.js';
import type { Companions } from './companions.js';

/** Something that holds for every plugin of a kind, whatever its options. */
export interface Law<K extends Kind, Extra> {
  /** As the test shows it, and as `exempt` names it. */
  readonly name: string;
  /** What it is checked on: `cpu`, plain JavaScript, where it is left out. */
  readonly engine?: 'tensorflow';
  /** Options that it sets, whatever the case has. */
  readonly options?: { readonly [name: string]: unknown };
  /** Whether it says something about a plugin; left out: about all. */
  readonly concerns?: (plugin: AnyPlugin) => boolean;
  /** Why it says nothing in a case; the test is then pending. */
  readonly pending?: (given: Extra) => string | undefined;
  /** Throws where the law is broken. Called in a scope of tfjs that frees what it makes. */
  readonly check: (subject: Subject<K, Extra>) => void;
}

/** What a law is checked on: what the plugin made with the options of a case. */
export interface Subject<K extends Kind, Extra> {
  readonly engine: Engine;
  readonly made: PluginKinds[K];
  /** What the case gives besides options. */
  readonly given: Extra;
  /** Real plugins that the one under test works with. */
  readonly companions: Companions;
}
