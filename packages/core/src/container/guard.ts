import { PipelineErrors, SsqlError } from '../errors.js';
import type { AnyChecks, Part, Problem } from '../kinds/checks/checks.js';
import { CHECKS } from '../kinds/checks/table.js';
import { isRecord, shown } from '../kinds/checks/values.js';
import { kindEntry, type Kind, type Members } from '../kinds/kinds.js';
import { awaiting } from '../plugin/pending.js';
import { brokenPlugin, causedBy, notePlugin, type PluginOf } from '../plugin/plugin-of.js';

/**
 * Wraps a plugin's product, and every object with functions in it or returned by it, by the checks of its kind: errors name the plugin and
 * its place in the pipeline, and results are checked. Errors with a code pass unchanged, unless the plugin caused them by a call.
 * @throws SsqlError PLUGIN_BROKEN if the product is not what its kind requires
 */
export function guard<T>(made: T, plugin: PluginOf & { readonly kind: Kind }): T {
  const entry = kindEntry(plugin.kind);
  // A third party's kind: only its users know its members.
  if (entry === undefined) return made;
  const checks = { ...CHECKS[plugin.kind], members: entry.members };
  return guardObject(made, checks, plugin, { path: '', subject: 'makes an object' }) as T; // it has the same members
}

interface Place {
  /** Of the names of its members: `train.`. */
  readonly path: string;
  /** `makes an object` */
  readonly subject: string;
}

function guardObject(made: unknown, checks: AnyChecks, plugin: PluginOf, { path, subject }: Place): object {
  const broken = (reason: string): SsqlError => brokenPlugin(plugin, reason);
  if (typeof made !== 'object' || made === null) {
    throw broken(
      path === '' && subject === 'makes an object'
        ? `makes ${shown(made)} instead of an object`
        : `${subject}, but it is ${shown(made)}`,
    );
  }
  const object = made as { readonly [member: string]: unknown };
  for (const [member, type] of Object.entries(checks.members ?? {})) {
    const value = object[member];
    if (!isOf(type, value)) throw broken(`${subject} ${problemOf(member, value, type)}`);
  }
  if (object['dispose'] !== undefined && typeof object['dispose'] !== 'function')
    throw broken(`${subject} with \`dispose\` ${shown(object['dispose'])}; expected a function`);
  const wrong = checks.value?.(object);
  if (wrong !== undefined) throw broken(`${subject} with ${wrong.actual}; expected ${wrong.expected}`);

  const parts = checks.parts?.(object) ?? {};
  const guarded: Record<string, unknown> = {};
  for (const member of membersOf(object)) {
    const value = object[member];
    const part = parts[member];
    if (typeof value === 'function') {
      const { [member]: check } = checks.returns ?? {};
      const waits = check === undefined || checks.asynchronous?.includes(member) === true;
      guarded[member] = guardFunction(value, object, `${path}${member}`, plugin, { check, waits, part });
    } else if (part !== undefined && value !== undefined) {
      guarded[member] = guardPart(value, part, plugin, {
        path: `${path}${member}.`,
        subject: `makes \`${path}${member}\``,
      });
    } else Object.defineProperty(guarded, member, { enumerable: true, get: () => object[member] });
  }
  notePlugin(guarded, plugin);
  return guarded;
}

function guardPart(made: unknown, part: Part, plugin: PluginOf, place: Place): unknown {
  if (!('each' in part)) return guardObject(made, part, plugin, place);
  if (!isRecord(made)) throw brokenPlugin(plugin, `${place.subject} with ${shown(made)}; expected objects by name`);
  return Object.fromEntries(
    Object.entries(made).map(([name, entry]) => [
      name,
      guardObject(entry, part.each, plugin, { path: `${place.path}${name}.`, subject: `${place.subject} \`${name}\`` }),
    ]),
  );
}

interface FunctionChecks {
  readonly check: ((result: unknown, args: readonly unknown[], made: object) => Problem | undefined) | undefined;
  /** Whether a promise is awaited, rather than checked as a result. */
  readonly waits: boolean;
  readonly part: Part | undefined;
}

function guardFunction(
  called: object,
  object: object,
  name: string,
  plugin: PluginOf,
  { check, waits, part }: FunctionChecks,
): (...args: unknown[]) => unknown {
  const fail = (error: unknown, args: readonly unknown[]): never => {
    if (error instanceof PipelineErrors || args.some((arg) => isInterruption(arg, error))) throw error;
    if (error instanceof SsqlError) throw error.details.ofCaller === true ? causedBy(plugin, name, error) : error;
    throw brokenPlugin(
      plugin,
      `failed in \`${name}\`: ${error instanceof Error ? error.message : shown(error)}`,
      error,
    );
  };
  const finish = (result: unknown, args: readonly unknown[]): unknown => {
    const wrong = check?.(result, args, object);
    if (wrong !== undefined)
      throw brokenPlugin(plugin, `returns ${wrong.actual} from \`${name}\`; expected ${wrong.expected}`);
    return part === undefined
      ? result
      : guardPart(result, part, plugin, { path: '', subject: `returns from \`${name}\` an object` });
  };
  return (...args) => {
    let result: unknown;
    try {
      result = Reflect.apply(called as () => unknown, object, args);
    } catch (error) {
      return fail(error, args);
    }
    return waits && result instanceof Promise
      ? awaiting(`\`${name}\` of the ${plugin.kind} \`${plugin.name}\` (${plugin.from})`, result).then(
          (value) => finish(value, args),
          (error: unknown) => fail(error, args),
        )
      : finish(result, args);
  };
}

function isOf(type: Members[string], value: unknown): boolean {
  if (typeof type !== 'string') return type.includes(value as string);
  if (type === 'number or list') return typeof value === 'number' || Array.isArray(value);
  return typeof value === type && value !== null;
}

function problemOf(member: string, value: unknown, type: Members[string]): string {
  if (typeof type === 'string') return `without \`${member}\`, ${type === 'object' ? 'an' : 'a'} ${type}`;
  return `with \`${member}\` ${shown(value)}; expected ${type.map((allowed) => `\`${allowed}\``).join(' or ')}`;
}

/** Own members and those of classes. */
function membersOf(object: object): Set<string> {
  const names = new Set<string>();
  for (
    let at: object | null = object;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object | null
  )
    for (const name of Object.getOwnPropertyNames(at)) if (name !== 'constructor') names.add(name);
  return names;
}

/** Whether a function failed because the run was interrupted: by the reason of the signal that it was given. */
function isInterruption(context: unknown, error: unknown): boolean {
  if (!isRecord(context) || !(context['signal'] instanceof AbortSignal)) return false;
  return context['signal'].aborted && context['signal'].reason === error;
}
