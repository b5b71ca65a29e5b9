import type { Tf } from '../engine/engine.js';
import { PLACES, type Kind, type PluginKinds } from '../kinds/kinds.js';
import type { Reference } from '../pipeline/pipeline.js';
import type { Registry } from '../plugin/registry.js';
import type { AnyPluginOf, CreatePlugin } from './create-plugin.js';
import { companionMissing } from './tester-errors.js';

/** The built-in plugins that laws need besides the tested one. */
export interface Companions {
  readonly observer: PluginKinds['observer'];
  readonly quantizers: {
    readonly weights: PluginKinds['quantizer'];
    readonly activations: PluginKinds['quantizer'];
  };
  /** Plain training, and a wrapper that trains quantized branches. */
  readonly wrappers: { readonly plain: PluginKinds['wrapper']; readonly quantized: PluginKinds['wrapper'] };
}

/** Makes the base pipeline's plugins and the companions that the built-in package names. */
export async function makeCompanions(registry: Registry, create: CreatePlugin, tf: Tf): Promise<Companions> {
  const make = <K extends Kind>(kind: K, { use, with: options }: Reference): Promise<PluginKinds[K]> => {
    const plugin = registry.get(kind, use);
    if (plugin === undefined) throw companionMissing(kind, use);
    return create(plugin as AnyPluginOf<K>, options, tf); // of that kind
  };
  const base = (path: string): Reference => referenceAt(registry.base, path)!; // the tests hold the base pipeline to the table
  return {
    observer: await make('observer', base('quantization.weights.observer')),
    quantizers: {
      weights: await make('quantizer', base('quantization.weights.quantizer')),
      activations: await make('quantizer', base('quantization.activations.quantizer')),
    },
    wrappers: {
      plain: await make('wrapper', base('quantization.wrap')),
      quantized: await make('wrapper', companionOf(registry, 'wrapper')!), // the built-in package names it
    },
  };
}

/** The plugin that satisfies a `needs` of the tested plugin: the base pipeline's, else the built-in package's companion. */
export function standInOf(registry: Registry, kind: Kind): Reference | undefined {
  const place = PLACES.find((candidate) => candidate.kind === kind && candidate.otherwise === 'base');
  return (place && referenceAt(registry.base, place.path)) ?? companionOf(registry, kind);
}

function companionOf({ packages }: Registry, kind: Kind): Reference | undefined {
  return packages[0]?.companions?.[kind] as Reference | undefined; // ours
}

function referenceAt(base: unknown, path: string): Reference | undefined {
  const value = path
    .split('.')
    .reduce<unknown>((holder, key) => (holder as Record<string, unknown> | undefined)?.[key], base);
  return value as Reference | undefined;
}
