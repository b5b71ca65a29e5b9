import type { Container } from 'inversify';

declare const carried: unique symbol;

/** A service identifier that carries its type; inversify's own forgets it for a symbol. */
export type Token<T> = symbol & { readonly [carried]: (value: T) => T };

export function token<T>(name: string): Token<T> {
  // The brand exists for the compiler only.
  return Symbol.for(`ssql.${name}`) as Token<T>;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any Token is meant; T is invariant
export type AnyToken = Token<any>;
type Carried<D extends readonly AnyToken[]> = { [I in keyof D]: D[I] extends Token<infer T> ? T : never };

/** Binds a service, made once, from the services that it needs. */
export function provide<T, const D extends readonly AnyToken[]>(
  container: Container,
  to: Token<T>,
  needs: D,
  make: (...needs: Carried<D>) => T | Promise<T>,
): void {
  // inversify hands over as many arguments as there are needs, of the types that the tokens carry.
  container
    .bind<T>(to)
    .toResolvedValue(make as (...needs: unknown[]) => T | Promise<T>, [...needs])
    .inSingletonScope();
}
