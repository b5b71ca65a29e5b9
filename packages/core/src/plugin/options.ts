import type { Kind, PluginKinds } from '../kinds/kinds.js';

/**
 * The subset of JSON Schema for plugin options. Option types are inferred from the schema literal;
 * Ajv, the editor schema and the reference pages use the same literal.
 */
export type OptionSchema = { readonly description: string; readonly default?: unknown } & ValueSchema;

export type ValueSchema =
  | { readonly type: 'boolean' }
  | { readonly type: 'string'; readonly pattern?: string; readonly minLength?: number }
  | ({ readonly type: 'number' | 'integer' } & NumberBounds)
  | { readonly enum: readonly (string | number)[] }
  | ({ readonly type: 'array' } & ListRules)
  // A number or a list, such as a width and a height. Each keyword applies only to values of its type.
  | ({ readonly type: readonly [number: 'number' | 'integer', list: 'array'] } & NumberBounds & ListRules)
  | { readonly type: 'object'; readonly additionalProperties: ValueSchema }
  | NestedOptions
  // A reference to a plugin of a kind. `create` gets what that plugin makes.
  | { readonly plugin: Kind; readonly examples?: readonly string[] };

/** Options within an option. */
export interface NestedOptions {
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly required?: readonly string[];
  readonly properties: { readonly [name: string]: OptionSchema };
}

/** Gives the type of a schema that cannot be inferred from its keywords, such as one with alternatives. Exists only at compile time. */
declare const VALUE: unique symbol;
export interface Typed<T> {
  readonly [VALUE]?: T;
}

/** The limits of a number. */
export interface NumberBounds {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** The items of a list, and their number. */
export interface ListRules {
  readonly items: ValueSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
}

export interface OptionsSchema extends ObjectSchema {
  readonly properties: { readonly [name: string]: OptionSchema };
}

/** An object with known keys, whose type `Options` infers. */
export interface ObjectSchema {
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly required?: readonly string[];
  readonly properties: { readonly [name: string]: object };
}

type Value<P> = P extends Typed<infer T> ? (unknown extends T ? Inferred<P> : T) : Inferred<P>;

type Inferred<P> = P extends { readonly plugin: infer K extends Kind }
  ? PluginKinds[K]
  : P extends { readonly enum: readonly (infer E)[] }
    ? E
    : P extends { readonly type: 'array' }
      ? List<P>
      : P extends { readonly type: readonly [unknown, 'array'] }
        ? number | List<P>
        : P extends ObjectSchema
          ? Options<P>
          : P extends { readonly type: 'object'; readonly additionalProperties: infer A }
            ? { readonly [key: string]: Value<A> }
            : P extends { readonly type: 'boolean' }
              ? boolean
              : P extends { readonly type: 'string' }
                ? string
                : P extends { readonly type: 'number' | 'integer' }
                  ? number
                  : never;

/** A list of two is a pair. */
type List<P> = P extends { readonly items: infer I; readonly minItems: 2; readonly maxItems: 2 }
  ? readonly [Value<I>, Value<I>]
  : P extends { readonly items: infer I }
    ? readonly Value<I>[]
    : never;

type Required<S extends ObjectSchema> = S['required'] extends readonly (infer R extends string)[] ? R : never;

type Defaulted<S extends ObjectSchema> = {
  [K in keyof S['properties']]: S['properties'][K] extends { readonly default: unknown } ? K : never;
}[keyof S['properties']];

type Split<S extends ObjectSchema, Always extends PropertyKey> = {
  readonly [K in keyof S['properties'] as K extends Always ? K : never]: Value<S['properties'][K]>;
} & { readonly [K in keyof S['properties'] as K extends Always ? never : K]?: Value<S['properties'][K]> };

type Flat<T> = { [K in keyof T]: T[K] };

/** Options as a plugin receives them, with defaults filled in. */
export type Options<S extends ObjectSchema> = Flat<Split<S, Required<S> | Defaulted<S>>>;

/** Options as written in a pipeline; those with a default are optional. */
export type OptionsInput<S extends OptionsSchema> = Flat<Split<S, Exclude<Required<S>, Defaulted<S>>>>;
