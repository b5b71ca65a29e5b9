import { SsqlError, type Location } from '../errors.js';
import { pluginBroken } from './plugin-errors.js';

/** Which plugin made an object, and where a pipeline names the plugin. */
export interface PluginOf {
  readonly kind: string;
  /** The plugin's name and its package. */
  readonly name: string;
  readonly from: string;
  readonly location: Location | undefined;
}

const PLUGIN = Symbol('plugin');

interface Noted {
  readonly [PLUGIN]?: PluginOf;
}

/** Notes on an object which plugin made it, unseen by those who read the object. */
export function notePlugin(object: object, plugin: PluginOf): void {
  Object.defineProperty(object, PLUGIN, { value: plugin });
}

/** Whether an object is a plugin's in a run; testers have laws of their own. */
export function isNoted(object: object): boolean {
  return (object as Noted)[PLUGIN] !== undefined;
}

/** The plugin of an object in a message: quantizer `uniform` (@ssql/plugins). Of a tester's object, its kind. */
export function nameOf(object: object, otherwise: string): string {
  const plugin = (object as Noted)[PLUGIN];
  return plugin === undefined ? otherwise : `${plugin.kind} \`${plugin.name}\` (${plugin.from})`;
}

/**
 * The error that a plugin's object violates its contract, with the plugin's name and place.
 * @param reason what the plugin does: `returns 3 numbers from ...`
 */
export function brokenBy(object: object, reason: string, cause?: unknown): SsqlError {
  const plugin = (object as Noted)[PLUGIN];
  // Only a run notes plugins; testers call their objects directly.
  return plugin === undefined ? pluginBroken('A plugin', reason, { cause }) : brokenPlugin(plugin, reason, cause);
}

/** The same, for a plugin. */
export function brokenPlugin({ kind, name, from, location }: PluginOf, reason: string, cause?: unknown): SsqlError {
  return pluginBroken(from, `the ${kind} \`${name}\` ${reason}`, { location, cause });
}

/**
 * An error of ssql that an object's plugin caused, with the plugin's name and place.
 * @param what the plugin does; default: it declares something impossible
 */
export function blamed(object: object, error: SsqlError, what = 'cannot be used'): SsqlError {
  const plugin = (object as Noted)[PLUGIN];
  return plugin === undefined ? error : named(plugin, what, error);
}

/** An error of ssql that a plugin caused by a call, with the plugin's name and place. */
export function causedBy(plugin: PluginOf, member: string, error: SsqlError): SsqlError {
  return named(plugin, `failed in \`${member}\``, error);
}

function named({ kind, name, from, location }: PluginOf, what: string, error: SsqlError): SsqlError {
  const { code, message, details } = error;
  return new SsqlError(code, `${from}: the ${kind} \`${name}\` ${what}: ${message}`, {
    location,
    reference: from,
    hint: details.hint,
    cause: error,
  });
}
