import { PipelineErrors, SsqlError, type Location } from '../errors.js';
import { pluginBroken } from '../plugin/plugin-errors.js';
import { kindEntry, type Kind, type Members } from '../kinds/kinds.js';

interface Guarded {
  readonly kind: Kind;
  /** The plugin's name and its package. */
  readonly name: string;
  readonly from: string;
  readonly location: Location | undefined;
}

/**
 * Wraps a plugin's product so that its errors name the plugin and its place in the pipeline. Errors with a code
 * pass unchanged.
 * @param members required members
 * @throws SsqlError PLUGIN_BROKEN if the product lacks what its kind requires
 */
export function guard<T>(
  made: T,
  { kind, name, from, location }: Guarded,
  members: Members | undefined = kindEntry(kind)?.members,
): T {
  // A third party's kind: only its users know its members.
  if (members === undefined) return made;
  const broken = (reason: string, cause?: unknown): SsqlError =>
    pluginBroken(from, `the ${kind} \`${name}\` ${reason}`, { location, cause });
  if (typeof made !== 'object' || made === null) throw broken(`makes ${String(made)} instead of an object`);
  const object = made as Record<string, unknown>;
  for (const [member, type] of Object.entries(members)) {
    const value = object[member];
    if (!isOf(type, value)) throw broken(`makes an object ${problemOf(member, value, type)}`);
  }

  const fail = (member: string, error: unknown): never => {
    if (error instanceof SsqlError || error instanceof PipelineErrors || isAbort(error)) throw error;
    throw broken(`failed in \`${member}\`: ${error instanceof Error ? error.message : String(error)}`, error);
  };
  const guarded: Record<string, unknown> = {};
  for (const member of membersOf(object)) {
    const value = object[member];
    if (typeof value !== 'function')
      Object.defineProperty(guarded, member, { enumerable: true, get: () => object[member] });
    else
      guarded[member] = (...args: unknown[]): unknown => {
        try {
          const result: unknown = Reflect.apply(value, object, args);
          return result instanceof Promise ? result.catch((error: unknown) => fail(member, error)) : result;
        } catch (error) {
          return fail(member, error);
        }
      };
  }
  return guarded as T; // it has the same members
}

function isOf(type: Members[string], value: unknown): boolean {
  if (typeof type !== 'string') return type.includes(value as string);
  return type === 'number or list' ? typeof value === 'number' || Array.isArray(value) : typeof value === type;
}

function problemOf(member: string, value: unknown, type: Members[string]): string {
  if (typeof type === 'string') return `without \`${member}\`, a ${type}`;
  return `with \`${member}\` ${typeof value === 'string' ? `"${value}"` : String(value)}; expected ${type.map((allowed) => `\`${allowed}\``).join(' or ')}`;
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

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
