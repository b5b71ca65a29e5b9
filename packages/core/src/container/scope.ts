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
  const failures: unknown[] = [];
  const inner = new Set<Scope>();
  for (const entry of services) bind(container, entry, failures);
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
      for (const scope of [...inner].toReversed()) await scope.close().catch((error: unknown) => failures.push(error));
      inner.clear();
      // Last bound, first disposed: a service may need the services bound before it until it is disposed.
      for (const { token } of services.toReversed()) {
        // It rejects if the service could not be made. `get` has thrown that error already.
        await container.unbindAsync(token).catch(() => undefined);
      }
      const [first] = failures.splice(0);
      if (first !== undefined) throw first instanceof Error ? first : new Error(String(first));
    },
  };
}

function bind(container: Container, { token, needs, make, dispose }: Service, failures: unknown[]): void {
  const binding = container
    .bind<unknown>(token)
    // inversify passes one argument per need, of the token's type.
    .toResolvedValue(make as (...needs: unknown[]) => unknown, [...needs])
    .inSingletonScope();
  if (dispose === undefined) return;
  // If a disposal fails, the others are still run.
  binding.onDeactivation(async (made) => {
    try {
      await dispose(made as never);
    } catch (error) {
      failures.push(error);
    }
  });
}
