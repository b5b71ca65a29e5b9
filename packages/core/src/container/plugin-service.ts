import { composedOps } from '../engine/composed-ops.js';
import type { Tf } from '../engine/engine.js';
import type { NeuralOps } from '../engine/neural-ops.js';
import { SsqlError, withLocation, type Location } from '../errors.js';
import { messageOf } from '../values.js';
import type { Path } from '../pipeline/locate.js';
import { dataSeedUnavailable } from '../plugin/plugin-errors.js';
import { brokenPlugin, type PluginOf } from '../plugin/plugin-of.js';
import { holding } from '../pipeline/nested-references.js';
import { guard } from './guard.js';
import { tokenOf, type PlannedPlugin } from './plan.js';
import { service, type Service } from './scope.js';
import { token, type AnyToken } from './token.js';

export const TF = token<Tf>('tf');
export const OPS = token<NeuralOps>('operations');
/** The folder of the pipeline file. */
export const FOLDER = token<string>('folder');
export const SEED = token<number>('seed');

/** The service that makes a plugin of a run from the plugins that it needs. */
export function pluginService(planned: PlannedPlugin, location?: (path: Path) => Location): Service {
  const before = [...planned.needs.map(({ path }) => path), ...planned.holds];
  const needs: readonly AnyToken[] = [TF, OPS, FOLDER, SEED, ...before.map((path) => tokenOf(path))];
  return service<unknown, readonly AnyToken[]>(
    tokenOf(planned.path) as AnyToken,
    needs,
    (tf: Tf, ops: NeuralOps, folder: string, seed: number, ...made: unknown[]) => {
      const needed = Object.fromEntries(planned.needs.map(({ kind }, index) => [kind, made[index]]));
      const held = made.slice(planned.needs.length);
      return make(planned, { tf, ops, folder, seed, needs: needed }, location?.(planned.path), held);
    },
    disposeProduct,
  );
}

/**
 * The service that makes a dataset for all runs with the same data options. It needs no other plugin.
 * @param scratch the folder of its temporary files
 */
export function sharedDataService(
  to: AnyToken,
  planned: PlannedPlugin,
  location: (path: Path) => Location,
  scratch?: string,
): Service {
  const create = (tf: Tf, folder: string): Promise<unknown> => {
    const context = {
      tf,
      ops: composedOps(),
      folder,
      ...(scratch !== undefined && { scratch }),
      needs: {},
      get seed(): never {
        throw dataSeedUnavailable(planned.from.name, planned.plugin.name);
      },
    };
    return make(planned, context, location(planned.path));
  };
  return service(to, [TF, FOLDER], create, disposeProduct);
}

/** The fingerprint of what a plugin reads; `undefined` if it has none. @throws SsqlError of the plugin; PLUGIN_BROKEN */
export async function fingerprintOf(
  planned: PlannedPlugin,
  folder: string,
  location: Location | undefined,
): Promise<string | undefined> {
  const { kind, plugin, from, reference } = planned;
  if (plugin.fingerprint === undefined) return undefined;
  const fingerprint: unknown = await attempt(planned, location, () =>
    plugin.fingerprint?.(reference.with as never, { folder } as never),
  );
  if (typeof fingerprint === 'string' && fingerprint !== '') return fingerprint;
  const of: PluginOf = { kind, name: plugin.name, from: from.name, location };
  throw brokenPlugin(of, `returns ${String(fingerprint)} from \`fingerprint\`, not a text`);
}

/** @param held the products that stand for the references within its options */
function make(
  planned: PlannedPlugin,
  context: object,
  location: Location | undefined,
  held: readonly unknown[] = [],
): Promise<unknown> {
  const { kind, plugin, from, reference } = planned;
  return attempt(planned, location, async () => {
    const options = held.length === 0 ? reference.with : holding(plugin.options, reference.with, held);
    // The options were validated against the plugin's own schema; the context holds what its `needs` name.
    const made: unknown = await plugin.create(options as never, context as never);
    return guard(made, { kind, name: plugin.name, from: from.name, location });
  });
}

async function disposeProduct(made: unknown): Promise<void> {
  // The product of a third party's kind may be anything.
  const { dispose } = Object(made) as { readonly dispose?: unknown };
  if (typeof dispose === 'function') await Reflect.apply(dispose, made, []);
}

async function attempt<T>(
  { kind, plugin, from }: PlannedPlugin,
  location: Location | undefined,
  work: () => T | Promise<T>,
): Promise<T> {
  const of: PluginOf = { kind, name: plugin.name, from: from.name, location };
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof SsqlError) throw withLocation(cause, location);
    throw brokenPlugin(of, `failed: ${messageOf(cause)}`, cause);
  }
}
