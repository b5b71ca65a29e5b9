import { PipelineErrors, SsqlError, withLocation } from '../errors.js';
import { problem, type AnyChecks, type Part, type Problem } from '../kinds/checks/checks.js';
import { CHECKS } from '../kinds/checks/table.js';
import { isRecord, isTensor, messageOf, shown } from '../values.js';
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
  for (const [member, type] of Object.entries<Members[string]>({ dispose: 'function', ...checks.optional })) {
    const value = object[member];
    if (value !== undefined && !isOf(type, value))
      throw broken(`${subject} with \`${member}\` ${shown(value)}; expected ${expectedOf(type)}`);
  }
  const wrong = checks.value?.(object);
  if (wrong !== undefined) throw broken(`${subject} with ${wrong.actual}; expected ${wrong.expected}`);

  const parts = checks.parts?.(object) ?? {};
  const guarded: Record<string, unknown> = {};
  for (const member of membersOf(object)) {
    const value = object[member];
    const part = parts[member];
    if (typeof value === 'function') {
      const { [member]: check } = checks.returns ?? {};
      const waits = member === 'dispose' || checks.asynchronous?.includes(member) === true;
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
  if ('items' in part)
    return (made as readonly unknown[]).map((item, index) => {
      const at = { path: `${place.path.slice(0, -1)}[${index}].`, subject: `${place.subject} with \`[${index}]\`` };
      return typeof item === 'string' ? item : guardObject(item, part.items, plugin, at);
    });
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
    if (error instanceof SsqlError) {
      if (error.details.ofCaller === true) throw causedBy(plugin, name, error);
      // A dataset calls no other plugin. Its errors are its own, not those of the stage that reads it.
      throw plugin.kind === 'data' ? withLocation(error, plugin.location) : error;
    }
    throw brokenPlugin(plugin, `failed in \`${name}\`: ${messageOf(error)}`, error);
  };
  const finish = (result: unknown, args: readonly unknown[]): unknown => {
    const wrong = check?.(result, args, object) ?? (waits ? undefined : pending(result));
    if (wrong !== undefined)
      throw brokenPlugin(plugin, `returns ${wrong.actual} from \`${name}\`; expected ${wrong.expected}`);
    if (args.some((arg) => isTensor(arg) && arg.isDisposed))
      throw brokenPlugin(plugin, `disposes its input in \`${name}\`; only its caller disposes it`);
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
    if (!(result instanceof Promise)) return finish(result, args);
    const settled = awaiting(`\`${name}\` of the ${plugin.kind} \`${plugin.name}\` (${plugin.from})`, result).then(
      (value) => finish(value, args),
      (error: unknown) => fail(error, args),
    );
    if (waits) return settled;
    settled.catch(() => undefined); // the promise itself is the fault
    return finish(result, args);
  };
}

/** The problem of a promise from a function whose result is used at once. */
function pending(result: unknown): Problem | undefined {
  return result instanceof Promise ? problem('a Promise', 'a result, because nothing waits for it') : undefined;
}

function isOf(type: Members[string], value: unknown): boolean {
  if (typeof type !== 'string') return type.includes(value as string);
  if (type === 'number or list') return typeof value === 'number' || Array.isArray(value);
  if (type === 'list') return Array.isArray(value);
  if (type === 'record') return isRecord(value) && !(value instanceof Promise);
  return typeof value === type && value !== null;
}

function problemOf(member: string, value: unknown, type: Members[string]): string {
  if (typeof type === 'string') return `without \`${member}\`, ${type === 'object' ? 'an' : 'a'} ${type}`;
  return `with \`${member}\` ${shown(value)}; expected ${expectedOf(type)}`;
}

function expectedOf(type: Members[string]): string {
  if (typeof type !== 'string') return type.map((allowed) => `\`${allowed}\``).join(' or ');
  return type === 'record' ? 'an object' : `a ${type}`;
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
