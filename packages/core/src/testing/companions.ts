import type { Tf } from '../engine/engine.js';
import type { Kind, PluginKinds } from '../plugin/contract.js';
import type { Registry } from '../plugin/registry.js';
import type { AnyPluginOf, CreatePlugin } from './create-plugin.js';

/** The built-in plugins that laws need beside the one under test. */
export interface Companions {
  readonly observer: PluginKinds['observer'];
  readonly quantizers: {
    readonly weights: PluginKinds['quantizer'];
    readonly activations: PluginKinds['quantizer'];
  };
  readonly wrappers: { readonly none: PluginKinds['wrapper']; readonly ssql: PluginKinds['wrapper'] };
}

/** Makes them with the options that pipelines have by default. */
export async function makeCompanions(registry: Registry, create: CreatePlugin, tf: Tf): Promise<Companions> {
  const make = <K extends Kind>(kind: K, name: string, options: object = {}): Promise<PluginKinds[K]> =>
    create(registry.get(kind, name) as AnyPluginOf<K>, options, tf); // a built-in one
  return {
    observer: await make('observer', 'minmax'),
    quantizers: {
      weights: await make('quantizer', 'uniform', { symmetric: true, granularity: 'channel' }),
      activations: await make('quantizer', 'uniform', { symmetric: false, granularity: 'tensor' }),
    },
    wrappers: { none: await make('wrapper', 'none'), ssql: await make('wrapper', 'ssql') },
  };
}
