import { definePlugin, type Kind, type Plugin, type PluginContext, type PluginKinds } from '@ssql/core';

const NONE = { type: 'object', additionalProperties: false, properties: {} } as const;

/** A plugin without options. */
export function flawed<K extends Kind>(
  kind: K,
  create: (context: PluginContext) => PluginKinds[K],
): Plugin<K, typeof NONE, never> {
  return definePlugin<K, typeof NONE>({
    kind,
    name: 'flawed',
    summary: 'A plugin with a flaw.',
    options: NONE,
    create: (_, context) => create(context),
  });
}
