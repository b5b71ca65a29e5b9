import type { Tf } from '../engine/engine.js';
import { SsqlError, withLocation, type Location } from '../errors.js';
import type { Path } from '../pipeline/locate.js';
import { dataSeedUnavailable, pluginBroken } from '../plugin/plugin-errors.js';
import { holding } from '../pipeline/nested-references.js';
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
  const before = [...planned.needs.map(({ path }) => path), ...planned.holds];
  const needs: readonly AnyToken[] = [TF, FOLDER, SEED, ...before.map((path) => tokenOf(path))];
  return service<unknown, readonly AnyToken[]>(
    tokenOf(planned.path) as AnyToken,
    needs,
    (tf: Tf, folder: string, seed: number, ...made: unknown[]) => {
      const needed = Object.fromEntries(planned.needs.map(({ kind }, index) => [kind, made[index]]));
      const held = made.slice(planned.needs.length);
      return make(planned, { tf, folder, seed, needs: needed }, location?.(planned.path), held);
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
  held: readonly unknown[] = [],
): Promise<unknown> {
  try {
    const options = held.length === 0 ? reference.with : holding(plugin.options, reference.with, held);
    // The options were validated against the plugin's own schema; the context holds what its `needs` name.
    const made: unknown = await plugin.create(options as never, context as never);
    return guard(made, { kind, name: plugin.name, from: from.name, location });
  } catch (cause) {
    if (cause instanceof SsqlError) throw withLocation(cause, location);
    const reason = `the ${kind} \`${plugin.name}\` failed: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw pluginBroken(from.name, reason, { location, cause });
  }
}
