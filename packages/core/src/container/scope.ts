import type { Container } from 'inversify';
import type { AnyToken, Token, Values } from './token.js';

/** Something that a scope makes once, when it is first asked for, from other services. */
export interface Service {
  readonly token: AnyToken;
  readonly needs: readonly AnyToken[];
  /** Called with what `needs` name, in their order. */
  readonly make: (...needs: never[]) => unknown;
  /** Called when the scope is closed, if the service was made. */
  readonly dispose?: (made: never) => void | Promise<void>;
}

/** Services of one lifetime. */
export interface Scope {
  readonly name: string;
  /** What the scope holds, in the order in which it was bound. */
  readonly services: readonly Service[];
  /** Makes a service, or returns what was made before. @throws what its `make` throws */
  get<T>(token: Token<T>): Promise<T>;
  /** Opens a scope within this one: its services may need those of this scope. It is to be closed first. */
  open(name: string, services: readonly Service[]): Promise<Scope>;
  /** Disposes all services that were made. @throws the first error of a disposal, after all were disposed */
  close(): Promise<void>;
}

/** Describes a service; the compiler checks `make` against the types that the tokens carry. */
export function service<T, const D extends readonly AnyToken[]>(
  token: Token<T>,
  needs: D,
  make: (...needs: Values<D>) => T | Promise<T>,
  dispose?: (made: T) => void | Promise<void>,
): Service {
  return { token, needs, make, ...(dispose && { dispose }) };
}

/** A service that is there already. */
export function constant<T>(token: Token<T>, value: T): Service {
  return service(token, [], () => value);
}

/** Opens a scope without a parent. */
export async function openScope(name: string, services: readonly Service[]): Promise<Scope> {
  // Loaded where it is needed: `ssql validate` answers at once.
  const { Container: Inversify } = await import('inversify');
  return scopeOf(name, services, new Inversify(), (parent) => new Inversify({ parent }));
}

/** Works within a scope and closes it, on failure too: what fails first is thrown. */
export async function within<T>(scope: Scope, work: (scope: Scope) => Promise<T>): Promise<T> {
  let result: T;
  try {
    result = await work(scope);
  } catch (error) {
    // The first failure says more than a disposal that fails after it.
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
  for (const entry of services) bind(container, entry, failures);
  return {
    name,
    services,
    get: <T>(token: Token<T>) => container.getAsync<T>(token),
    open: async (child, within) => scopeOf(child, within, childOf(container), childOf),
    async close() {
      // Last bound, first disposed: a service may need those before it until its own end.
      for (const { token } of services.toReversed()) {
        // It rejects where the service could not be made, which whoever asked for it was told.
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
    // inversify hands over as many arguments as there are needs, of the types that the tokens carry.
    .toResolvedValue(make as (...needs: unknown[]) => unknown, [...needs])
    .inSingletonScope();
  if (dispose === undefined) return;
  // A disposal that fails keeps no other from being done.
  binding.onDeactivation(async (made) => {
    try {
      await dispose(made as never);
    } catch (error) {
      failures.push(error);
    }
  });
}
