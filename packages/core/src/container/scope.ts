import type { Container } from 'inversify';
import type { AnyToken, Token, Values } from './token.js';

/** A value that a scope makes once, on first use, from other services. */
export interface Service {
  readonly token: AnyToken;
  readonly needs: readonly AnyToken[];
  /** Called with the services in `needs`, in order. */
  readonly make: (...needs: never[]) => unknown;
  /** Called when the scope is closed, if the service was made. */
  readonly dispose?: (made: never) => void | Promise<void>;
}

/** Services of one lifetime. */
export interface Scope {
  readonly name: string;
  /** The services of the scope, in the order of binding. */
  readonly services: readonly Service[];
  /** Makes a service, or returns the one made before. @throws what its `make` throws */
  get<T>(token: Token<T>): Promise<T>;
  /** Opens a scope within this one: its services may need services of this scope. It closes with this one, or before. */
  open(name: string, services: readonly Service[]): Promise<Scope>;
  /** Closes the scopes within this one, then disposes all services that were made. @throws the first error of a disposal, after all were disposed */
  close(): Promise<void>;
}

/** Describes a service; the compiler checks `make` against the types of the tokens. */
export function service<T, const D extends readonly AnyToken[]>(
  token: Token<T>,
  needs: D,
  make: (...needs: Values<D>) => T | Promise<T>,
  dispose?: (made: T) => void | Promise<void>,
): Service {
  return { token, needs, make, ...(dispose && { dispose }) };
}

/** A service with an existing value. */
export function constant<T>(token: Token<T>, value: T): Service {
  return service(token, [], () => value);
}

/** Opens a scope without a parent. */
export async function openScope(name: string, services: readonly Service[]): Promise<Scope> {
  // Loaded on demand, so that `ssql validate` starts fast.
  const { Container: Inversify } = await import('inversify');
  return scopeOf(name, services, new Inversify(), (parent) => new Inversify({ parent }));
}

/** Runs work within a scope and closes the scope, even on failure; throws the first failure. */
export async function within<T>(scope: Scope, work: (scope: Scope) => Promise<T>): Promise<T> {
  let result: T;
  try {
    result = await work(scope);
  } catch (error) {
    // The first failure is more informative than a later failure of a disposal.
    await scope.close().catch(() => undefined);
    throw error;
  }
  await scope.close();
  return result;
}

function scopeOf(
  name: string,
  services: readonly Service[],
  container: Container,
  childOf: (parent: Container) => Container,
): Scope {
  const made: Made[] = [];
  const inner = new Set<Scope>();
  for (const entry of services) bind(container, entry, made);
  return {
    name,
    services,
    get: <T>(token: Token<T>) => container.getAsync<T>(token),
    async open(child, held) {
      const opened = scopeOf(child, held, childOf(container), childOf);
      inner.add(opened);
      return opened;
    },
    async close() {
      const failures: unknown[] = [];
      const attempt = async (work: () => void | Promise<void>): Promise<void> => {
        try {
          await work();
        } catch (error) {
          failures.push(error); // the others are closed too
        }
      };
      for (const scope of [...inner].toReversed()) await attempt(() => scope.close());
      inner.clear();
      // Last made, first disposed: a service may need those that it was made from until it is disposed.
      for (const dispose of made.splice(0).toReversed()) await attempt(dispose);
      for (const { token } of services) {
        // It rejects if the service could not be made. `get` has thrown that error already.
        await container.unbindAsync(token).catch(() => undefined);
      }
      const [first] = failures.splice(0);
      if (first !== undefined) throw first instanceof Error ? first : new Error(String(first));
    },
  };
}

/** Disposes a service that was made. */
type Made = () => void | Promise<void>;

function bind(container: Container, { token, needs, make, dispose }: Service, made: Made[]): void {
  // Inversify would make a service again that is asked for while it is being made.
  let making: Promise<unknown> | undefined;
  const makeOnce = async (...values: unknown[]): Promise<unknown> => {
    const value = await make(...(values as never[])); // inversify passes one value per need, of the token's type
    if (dispose !== undefined) made.push(() => dispose(value as never));
    return value;
  };
  container
    .bind<unknown>(token)
    .toResolvedValue((...values: unknown[]) => (making ??= makeOnce(...values)), [...needs])
    .inSingletonScope();
}
