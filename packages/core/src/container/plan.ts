import type { Location } from '../errors.js';
import { neededPlace, type Kind, type PluginKinds } from '../kinds/kinds.js';
import type { Path } from '../pipeline/locate.js';
import type { Pipeline, Reference } from '../pipeline/pipeline.js';
import { slots, slotsIn, type Slot } from '../pipeline/references.js';
import type { AnyPlugin } from '../plugin/contract.js';
import { pluginBroken, unknownPlugin } from '../plugin/plugin-errors.js';
import type { PluginPackage, Registry } from '../plugin/registry.js';
import { token, type Token } from './token.js';

/** A plugin in a pipeline, and what it is made from. */
export interface PlannedPlugin {
  readonly kind: Kind;
  /** Its place in the pipeline. */
  readonly path: Path;
  readonly reference: Reference;
  readonly plugin: AnyPlugin;
  /** The package or file that supplies it. */
  readonly from: PluginPackage;
  /** The plugins that it needs. */
  readonly needs: readonly { readonly kind: Kind; readonly path: Path }[];
  /** The places of the plugins in its options. */
  readonly holds: readonly Path[];
}

/**
 * The plugins of a run in the pipeline's order, those of third-party kinds last. Creates none of them.
 * @throws SsqlError UNKNOWN_PLUGIN; PLUGIN_BROKEN if a plugin needs a kind that a pipeline has a list of, or if plugins need each other
 */
export function planPlugins(
  pipeline: Pipeline,
  registry: Registry,
  location?: (path: Path) => Location,
): readonly PlannedPlugin[] {
  const placed = slots(pipeline, registry);
  const written = new Set(placed.map(({ path }) => path.join('.')));
  const isWritten = (path: Path): boolean => written.has(path.join('.'));
  const planned = placed.map((slot) => planPlugin(slot, registry, location, isWritten));
  refuseCircles(planned, location);
  return planned;
}

/** The plugin at one place of a pipeline. @throws as `planPlugins`, except for circles */
export function planPlugin(
  slot: Slot,
  registry: Registry,
  location?: (path: Path) => Location,
  isWritten?: (path: Path) => boolean,
): PlannedPlugin {
  const { kind, path, value } = slot;
  const reference = value as Reference; // every slot of a pipeline is a reference
  const plugin = registry.get(kind, reference.use);
  const from = registry.packageOf(kind, reference.use);
  if (plugin === undefined || from === undefined) {
    const known = registry.list(kind).map(({ name }) => name);
    throw unknownPlugin(kind, reference.use, known, location?.([...path, 'use']));
  }
  const needs = (plugin.needs ?? []).map((needed) => {
    const place = neededPlace(needed, path, isWritten);
    if (place === undefined)
      throw pluginBroken(
        from.name,
        `the ${kind} \`${plugin.name}\` needs one \`${needed}\`, but a pipeline can have several`,
        {
          location: location?.(path),
        },
      );
    return { kind: needed, path: place };
  });
  const holds = slotsIn(slot, registry).map((inner) => inner.path);
  return { kind, path, reference, plugin, from, needs, holds };
}

/** The token of the plugin at a place of the pipeline. */
export function tokenOf<K extends Kind>(path: Path): Token<PluginKinds[K]> {
  return token(path.join('.'));
}

function refuseCircles(planned: readonly PlannedPlugin[], location?: (path: Path) => Location): void {
  const byPath = new Map(planned.map((entry) => [entry.path.join('.'), entry]));
  const done = new Set<string>();
  const visit = (key: string, above: readonly string[]): void => {
    const entry = byPath.get(key);
    if (entry === undefined || done.has(key)) return;
    if (above.includes(key)) {
      const circle = [...above.slice(above.indexOf(key)), key].join(' -> ');
      const reason = `plugins need each other: ${circle}`;
      throw pluginBroken(entry.from.name, reason, { location: location?.(entry.path) });
    }
    const before = [...entry.needs.map(({ path }) => path), ...entry.holds];
    for (const path of before) visit(path.join('.'), [...above, key]);
    done.add(key);
  };
  for (const key of byPath.keys()) visit(key, []);
}
