import assert from 'node:assert/strict';
import type { AnyPlugin, Kind, Plugin, PluginContext, PluginKinds, RunStage } from '@ssql/core';
import { context as onTfjs } from './context.js';

const PLUGIN_CONTEXT: PluginContext = { ...onTfjs, folder: process.cwd(), seed: 1 };

/** Creates a plugin as a pipeline does: its defaults, then what the pipeline gives. */
export async function make<K extends Kind>(
  plugin: Omit<AnyPlugin, 'kind'> & Pick<Plugin<K>, 'kind'>,
  options: { readonly [name: string]: unknown } = {},
  context: Partial<PluginContext> = {},
): Promise<PluginKinds[K]> {
  const defaults = Object.entries(plugin.options.properties).flatMap(([name, option]) =>
    option.default === undefined ? [] : [[name, option.default]],
  );
  const create = plugin.create as (options: unknown, context: unknown) => PluginKinds[K] | Promise<PluginKinds[K]>; // not validated here
  const filled = { ...Object.fromEntries(defaults), ...options };
  plugin.check?.(filled as never, {} as never);
  return create(filled, { ...PLUGIN_CONTEXT, ...context });
}

/** Makes a stage that measures one run. */
export async function makeRunStage(
  plugin: AnyPlugin,
  options: { readonly [name: string]: unknown },
): Promise<RunStage> {
  const stage = await make(plugin as Plugin<'stage'>, options);
  assert.ok(stage.scope === 'run');
  return stage;
}
