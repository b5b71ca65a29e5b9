import type { Members } from '../kinds.js';

/** What is wrong with something that a plugin hands over. */
export interface Problem {
  readonly actual: string;
  readonly expected: string;
}

/** What is checked of an object that a plugin hands over. Checks read lengths, shapes and host numbers, never the values of tensors. */
export interface Checks<T extends object = Record<string, never>> {
  /** Required members. Those of a plugin's product are in the table of kinds. */
  readonly members?: Members;
  /** Optional members. */
  readonly optional?: Members;
  /** Checks the values of members when the object is handed over. */
  value?(made: T): Problem | undefined;
  /** Checks what functions return, by name. */
  readonly returns?: Returns<T>;
  /** Functions that may return a promise, whose result is checked when it resolves; of others, a promise is a wrong result. */
  readonly asynchronous?: readonly (keyof T & string)[];
  /** Objects in members, and those that functions return, that have functions or values to check; by name. */
  parts?(made: T): { readonly [M in keyof T]?: Part };
}

type Returns<T> = {
  readonly [M in keyof T]?: NonNullable<T[M]> extends (...args: infer A) => unknown
    ? (result: unknown, args: Readonly<A>, made: T) => Problem | undefined
    : never;
};

/** The checks of an object, of each entry of a record of them, or of each object in a list, in which texts stand for others. */
export type Part = AnyChecks | { readonly each: AnyChecks } | { readonly items: AnyChecks };

/** Checks of an object of any type. */
export interface AnyChecks {
  readonly members?: Members;
  readonly optional?: Members;
  value?(made: object): Problem | undefined;
  readonly returns?: {
    readonly [member: string]: (result: unknown, args: readonly unknown[], made: object) => Problem | undefined;
  };
  readonly asynchronous?: readonly string[];
  parts?(made: object): { readonly [member: string]: Part };
}

/** The checks of an object of type `T`, which its required members have. */
export function checksOf<T extends object>(checks: Checks<T>): AnyChecks {
  return checks as unknown as AnyChecks; // `guard` calls them with objects of which it checked the required members
}

export function problem(actual: string, expected: string): Problem {
  return { actual, expected };
}
