import type { Tf } from '../engine/engine.js';
import { SsqlError, withLocation, type Location } from '../errors.js';
import type { Kind } from '../kinds/kinds.js';
import type { Path } from '../pipeline/locate.js';
import { dataSeedUnavailable } from '../plugin/plugin-errors.js';
import { brokenPlugin, type PluginOf } from '../plugin/plugin-of.js';
import { guard } from './guard.js';
import { tokenOf, type PlannedPlugin } from './plan.js';
import { service, type Service } from './scope.js';
import { token, type AnyToken } from './token.js';

export const TF = token<Tf>('tf');
/** The folder of the pipeline file. */
export const FOLDER = token<string>('folder');
export const SEED = token<number>('seed');

/** The service that makes a plugin of a run from the plugins that it needs. */
export function pluginService(planned: PlannedPlugin, location?: (path: Path) => Location): Service {
  const needs: readonly AnyToken[] = [TF, FOLDER, SEED, ...planned.needs.map(({ path }) => tokenOf(path))];
  return service<unknown, readonly AnyToken[]>(
    tokenOf(planned.path) as AnyToken,
    needs,
    (tf: Tf, folder: string, seed: number, ...made: unknown[]) => {
      const needed = Object.fromEntries(planned.needs.map(({ kind }, index) => [kind, made[index]]));
      return make(planned, { tf, folder, seed, needs: needed }, location?.(planned.path));
    },
  );
}

/** The service that makes a dataset for all runs with the same data options. It needs no other plugin. */
export function sharedDataService(to: AnyToken, planned: PlannedPlugin, location?: (path: Path) => Location): Service {
  return service(to, [TF, FOLDER], (tf, folder) => {
    const context = {
      tf,
      folder,
      needs: {},
      get seed(): never {
        throw dataSeedUnavailable(planned.from.name, planned.plugin.name);
      },
    };
    return make(planned, context, location?.(planned.path));
  });
}

async function make(
  { kind, plugin, from, reference }: PlannedPlugin,
  context: object,
  location: Location | undefined,
): Promise<unknown> {
  const of: PluginOf & { readonly kind: Kind } = { kind, name: plugin.name, from: from.name, location };
  try {
    // The options were validated against the plugin's own schema; the context holds what its `needs` name.
    return guard<unknown>(await plugin.create(reference.with as never, context as never), of);
  } catch (cause) {
    if (cause instanceof SsqlError) throw withLocation(cause, location);
    throw brokenPlugin(of, `failed: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}
