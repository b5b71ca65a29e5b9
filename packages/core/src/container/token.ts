declare const carried: unique symbol;

/** A service identifier with its type; inversify's identifier loses the type of a symbol. */
export type Token<T> = symbol & { readonly [carried]: (value: T) => T };

export function token<T>(name: string): Token<T> {
  // The brand exists only for the compiler.
  return Symbol.for(`ssql.${name}`) as Token<T>;
}

/** The name of a token. */
export function tokenName(named: symbol): string {
  return (named.description ?? '').replace(/^ssql\./, '');
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any Token is meant; T is invariant
export type AnyToken = Token<any>;

/** The types of the tokens' values, in order. */
export type Values<D extends readonly AnyToken[]> = { [I in keyof D]: D[I] extends Token<infer T> ? T : never };
