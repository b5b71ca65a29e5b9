import type { AnyPlugin, OptionSchema } from '@ssql/core';
import type { CaseByHand, LawCases, OptionsOfCase } from './law-cases.js';

type Invalid = CaseByHand & { readonly name?: string; readonly code: string };

/**
 * Cases of a plugin. Valid: the base options, each choice of an enum and each switch turned over, and those by hand. Invalid: what
 * each option's schema excludes, an option that there is not, each required one left out, and those by hand.
 */
export function casesOf(
  { options: schema }: AnyPlugin,
  { base = {}, input, symmetric, valid = [], invalid = [], exempt = {} }: LawCases = {},
): { valid: CaseByHand[]; invalid: Invalid[]; exempt: LawCases['exempt'] & object } {
  const images = { ...(input && { input }), ...(symmetric !== undefined && { symmetric }) };
  const properties = Object.entries(schema.properties);
  const varied = properties.flatMap(([name, option]) =>
    choices(option)
      .filter((value) => value !== (base[name] ?? option.default))
      .map((value) => ({ ...images, options: { ...base, [name]: value } })),
  );
  const excluded = properties.flatMap(([name, option]) =>
    wrongValues(option).map(([value, code]) => ({ options: { ...base, [name]: value }, code })),
  );
  const missing = (schema.required ?? [])
    .filter((name) => name in base)
    .map((name) => ({
      name: `options without ${name}`,
      options: Object.fromEntries(Object.entries(base).filter(([key]) => key !== name)),
      code: 'MISSING_KEY',
    }));
  const unknown = { options: { ...base, noSuchOption: 1 }, code: 'UNKNOWN_KEY' };
  return {
    valid: [{ ...images, options: base }, ...varied, ...valid],
    invalid: [...excluded, ...missing, unknown, ...invalid],
    exempt,
  };
}

function choices(option: OptionSchema): readonly unknown[] {
  if ('enum' in option) return option.enum;
  return 'type' in option && option.type === 'boolean' ? [true, false] : [];
}

function wrongValues(option: OptionSchema): readonly (readonly [value: unknown, code: string])[] {
  if ('enum' in option) return [['no-such-choice', 'OPTION_INVALID']];
  if ('plugin' in option) return [[1, 'WRONG_TYPE']];
  const wrongType = [option.type === 'object' ? 1 : {}, 'WRONG_TYPE'] as const;
  if (option.type === 'array')
    return [wrongType, ...((option.minItems ?? 0) > 0 ? [[[], 'OUT_OF_RANGE'] as const] : [])];
  if (option.type === 'object' || option.type === 'boolean' || option.type === 'string') return [wrongType];
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = option;
  const beyond: readonly OptionsOfCase[string][] = [
    ...(minimum === undefined ? [] : [minimum - 1]),
    ...(maximum === undefined ? [] : [maximum + 1]),
    ...(exclusiveMinimum === undefined ? [] : [exclusiveMinimum]),
    ...(exclusiveMaximum === undefined ? [] : [exclusiveMaximum]),
  ];
  return [wrongType, ...beyond.map((value) => [value, 'OUT_OF_RANGE'] as const)];
}
