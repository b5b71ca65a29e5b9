declare const carried: unique symbol;

/** A service identifier that carries its type; inversify's own forgets it for a symbol. */
export type Token<T> = symbol & { readonly [carried]: (value: T) => T };

export function token<T>(name: string): Token<T> {
  // The brand exists for the compiler only.
  return Symbol.for(`ssql.${name}`) as Token<T>;
}

/** The name that a token was made with. */
export function tokenName(named: symbol): string {
  return (named.description ?? '').replace(/^ssql\./, '');
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any Token is meant; T is invariant
export type AnyToken = Token<any>;

/** The values of tokens, in their order. */
export type Values<D extends readonly AnyToken[]> = { [I in keyof D]: D[I] extends Token<infer T> ? T : never };
