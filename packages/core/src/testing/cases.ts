import { isDeepStrictEqual } from 'node:util';
import { didYouMean } from '../nearest-name.js';
import type { AnyPlugin } from '../plugin/contract.js';
import type { OptionsInput, OptionsSchema } from '../plugin/options.js';
import { testerInvalid } from './tester-errors.js';

/** Options that a plugin must accept; all laws are checked on each. */
export type ValidCase<S extends OptionsSchema, Extra> = Extra & {
  /** Shown instead of the options. */
  readonly name?: string;
  /** As in a pipeline: options with defaults may be omitted. */
  readonly options: OptionsInput<S>;
};

/** Options that a plugin must refuse, through its schema or with an SsqlError. */
export type InvalidCase<Extra> = Extra & {
  /** Shown instead of the options. */
  readonly name?: string;
  readonly options: { readonly [name: string]: unknown };
  /** The code of the error: `OUT_OF_RANGE`, or one of the plugin's own. */
  readonly code: string;
  /** A pattern that the error's message matches. */
  readonly message?: RegExp;
};

/** The cases of a plugin. */
export interface Cases<S extends OptionsSchema, Extra> {
  readonly valid: readonly ValidCase<S, Extra>[];
  readonly invalid: readonly InvalidCase<Extra>[];
  /** Laws that do not hold for the plugin, by name, each with the reason. A law that holds in every case cannot be exempted. */
  readonly exempt?: { readonly [law: string]: string };
  /** Plugins for the kinds that the plugin `needs`, by kind; default: the base pipeline's, if it has the kind. */
  readonly companions?: SuppliedCompanions;
}

/** Plugins with their options, by kind. */
export interface SuppliedCompanions {
  readonly [kind: string]: { readonly plugin: AnyPlugin; readonly options?: { readonly [name: string]: unknown } };
}

/** A case as the tester reads it. */
export interface AnyCase {
  readonly name?: string;
  readonly options: { readonly [name: string]: unknown };
}

/** Fewest characters of a reason. */
const REASON_LENGTH = 12;

/**
 * Checks cases before anything is registered.
 * @param extras keys that a case may have besides the common ones
 * @throws SsqlError TESTER_INVALID
 */
export function checkCases(cases: object, extras: readonly string[], laws: readonly string[]): void {
  checkKeys(cases, ['valid', 'invalid', 'exempt', 'companions'], 'the cases');
  const { valid, invalid, exempt = {}, companions = {} } = cases as Cases<OptionsSchema, object>; // the keys were checked; the rest is checked below
  if (!Array.isArray(valid) || valid.length === 0)
    throw testerInvalid('`valid` has no case', 'Add one; `{ options: {} }` has the default options.');
  if (!Array.isArray(invalid))
    throw testerInvalid('`invalid` is not a list', 'Write a list; a plugin without options has `invalid: []`.');
  for (const [list, known] of [
    [valid, ['name', 'options', ...extras]],
    [invalid, ['name', 'options', 'code', 'message', ...extras]],
  ] as const) {
    list.forEach((item: AnyCase, index) => {
      checkKeys(item, known, `case ${index + 1} of \`${list === valid ? 'valid' : 'invalid'}\``);
      if (typeof item.options !== 'object') throw testerInvalid(`${titleOf(item)} has no options`);
      if (list === invalid && typeof (item as InvalidCase<object>).code !== 'string')
        throw testerInvalid(`the invalid case ${titleOf(item)} has no code`);
      const twin = list.slice(0, index).find((other: AnyCase) => sameCase(item, other));
      if (twin !== undefined) throw testerInvalid(`the case ${titleOf(item)} appears twice`);
    });
  }
  for (const [kind, companion] of Object.entries(companions)) {
    checkKeys(companion, ['plugin', 'options'], `the companion \`${kind}\``);
    if (companion.plugin?.kind !== kind)
      throw testerInvalid(`the companion \`${kind}\` has no plugin of the kind ${kind}`);
  }
  for (const [law, reason] of Object.entries(exempt)) {
    if (!laws.includes(law))
      throw testerInvalid(
        `\`exempt\` names an unknown law \`${law}\``,
        didYouMean(law, laws) ?? `Laws: ${laws.join('; ')}.`,
      );
    if (typeof reason !== 'string' || reason.trim().length < REASON_LENGTH)
      throw testerInvalid(
        `the exemption from \`${law}\` has no reason`,
        `Write why the law does not hold and why that is right, in at least ${REASON_LENGTH} characters.`,
      );
  }
}

/** The title of a case. */
export function titleOf({ name, options, ...rest }: AnyCase): string {
  if (name !== undefined) return name;
  const described = Object.keys(options ?? {}).length === 0 ? 'the default options' : JSON.stringify(options);
  const extras = Object.entries(rest).filter(([key]) => key !== 'code' && key !== 'message');
  return [described, ...extras.map(([key, value]) => `${key} ${JSON.stringify(value)}`)].join(', ');
}

function sameCase({ name, ...rest }: AnyCase, { name: otherName, ...other }: AnyCase): boolean {
  return (name !== undefined && name === otherName) || isDeepStrictEqual(rest, other);
}

function checkKeys(value: unknown, known: readonly string[], where: string): void {
  if (typeof value !== 'object' || value === null) throw testerInvalid(`${where} must be an object`);
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw testerInvalid(
    `${where} has an unknown key \`${unknown}\``,
    didYouMean(unknown, known) ?? `Keys: ${known.join(', ')}.`,
  );
}
