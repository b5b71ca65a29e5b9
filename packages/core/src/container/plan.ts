import type { Location } from '../errors.js';
import { pluginBroken, unknownPlugin } from '../plugin/plugin-errors.js';
import type { Tf } from '../engine/engine.js';
import type { Path } from '../pipeline/locate.js';
import type { Pipeline, Reference } from '../pipeline/pipeline.js';
import { isOpenKey, slots } from '../pipeline/references.js';
import type { AnyPlugin, Kind, PluginKinds } from '../plugin/contract.js';
import type { PluginPackage, Registry } from '../plugin/registry.js';
import { token, type AnyToken, type Token } from './token.js';

/** What the container will make, in the order in which the pipeline names it. */
export interface RunPlan {
  /** What plugins get from outside the pipeline. */
  readonly given: readonly AnyToken[];
  readonly plugins: readonly PlannedPlugin[];
}

export interface PlannedPlugin {
  readonly kind: Kind;
  /** Where it stands in the pipeline. */
  readonly path: Path;
  readonly reference: Reference;
  readonly plugin: AnyPlugin;
  /** The package or file that supplies it. */
  readonly from: PluginPackage;
  /** The plugins that it is made after. */
  readonly uses: readonly { readonly kind: Kind; readonly path: Path }[];
  /** What it is bound to, and what it is made from. */
  readonly token: AnyToken;
  readonly needs: readonly AnyToken[];
}

export const TF = token<Tf>('tf');
export const FOLDER = token<string>('folder');
export const SEED = token<number>('seed');

/**
 * Says what a run is made of and from what; makes nothing.
 * @throws SsqlError UNKNOWN_PLUGIN; PLUGIN_BROKEN where a plugin uses a kind that a pipeline has many of
 */
export function planRun(pipeline: Pipeline, registry: Registry, location?: (path: Path) => Location): RunPlan {
  const plugins = slots(pipeline).map(({ kind, path, value }): PlannedPlugin => {
    const reference = value as Reference; // A pipeline holds references in all slots.
    const plugin = registry.get(kind, reference.use);
    const from = registry.packageOf(kind, reference.use);
    if (plugin === undefined || from === undefined) {
      const known = registry.list(kind).map(({ name }) => name);
      throw unknownPlugin(kind, reference.use, known, location?.([...path, 'use']));
    }
    const uses = (plugin.uses ?? []).map((used) => {
      const there = isOpenKey(used) ? [used] : SINGLE[used]?.(path);
      if (there === undefined)
        throw pluginBroken(plugin.name, `it uses the ${used}, but a pipeline has many`, { location: location?.(path) });
      return { kind: used, path: there };
    });
    const needs = [TF, FOLDER, SEED, ...uses.map((used) => tokenOf(used.path))];
    return { kind, path, reference, plugin, from, uses, token: tokenOf(path), needs };
  });
  return { given: [TF, FOLDER, SEED], plugins };
}

/** What the plugin at a place of the pipeline is bound to. */
export function tokenOf<K extends Kind>(path: Path): Token<PluginKinds[K]> {
  return token(`run.${path.join('.')}`);
}

/** Where the one plugin of a kind stands, seen from another. Quantizer and observer are those of the same side, else of the weights. */
const SINGLE: { readonly [K in Kind]?: (from: Path) => Path } = {
  data: () => ['data'],
  backbone: () => ['backbone'],
  method: () => ['method'],
  wrapper: () => ['quantization', 'wrap'],
  quantizer: (from) => ['quantization', operandOf(from), 'quantizer'],
  observer: (from) => ['quantization', operandOf(from), 'observer'],
  sampler: () => ['quantization', 'sampler'],
  assigner: () => ['evaluation', 'assigner'],
  optimizer: () => ['optimizer'],
  schedule: () => ['schedule'],
};

function operandOf(path: Path): string {
  return path[1] === 'activations' ? 'activations' : 'weights';
}
