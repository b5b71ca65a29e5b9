import { findLibrary } from '../engine/provision/locate.js';
import type { Kind } from '../kinds/kinds.js';
import type { Plugin } from '../plugin/contract.js';
import type { OptionsSchema } from '../plugin/options.js';
import { checkCases, titleOf, type AnyCase, type Cases } from './cases.js';
import { checksOf, type Prepare } from './checks.js';
import type { AnyPluginOf } from './create-plugin.js';
import type { Law } from './law.js';
import { testerInvalid } from './tester-errors.js';
import { testFunctions, type TestFunctions } from './test-functions.js';

/** Tests plugins of a kind against the laws of that kind. */
export interface Tester<K extends Kind, Extra> {
  readonly kind: K;
  /** The laws' names, the keys of `exempt`. */
  readonly laws: readonly string[];
  /**
   * Registers the tests of a plugin: each law for each valid case, and the refusal of each invalid one.
   * @param test `describe` and `it`; default: the globals
   * @throws SsqlError TESTER_INVALID, before any test is registered
   */
  run<S extends OptionsSchema, U extends Kind>(
    plugin: Plugin<K, S, U>,
    cases: Cases<S, Extra>,
    test?: TestFunctions,
  ): void;
}

interface TesterParts<K extends Kind, Extra> {
  readonly kind: K;
  readonly laws: readonly Law<K, Extra>[];
  /** The keys of `Extra`. */
  readonly extras: readonly (keyof Extra & string)[];
  readonly prepare: Prepare<K, Extra>;
}

/** Makes the tester of a kind. */
export function defineTester<K extends Kind, Extra extends object>({
  kind,
  laws,
  extras,
  prepare,
}: TesterParts<K, Extra>): Tester<K, Extra> {
  const names = Object.freeze(laws.map(({ name }) => name));

  function run<S extends OptionsSchema, U extends Kind>(
    plugin: Plugin<K, S, U>,
    cases: Cases<S, Extra>,
    test?: TestFunctions,
  ): void {
    if (plugin.kind !== kind)
      throw testerInvalid(`this tester is for the kind ${kind}; ${plugin.name} is of the kind ${plugin.kind}`);
    const tested = plugin as unknown as AnyPluginOf<K>; // the options of cases are validated before the plugin gets them
    const concerned = laws.filter(({ concerns }) => concerns?.(tested) ?? true);
    checkCases(
      cases,
      extras,
      concerned.map(({ name }) => name),
    );
    const { describe, it } = testFunctions(test);
    const checks = checksOf(tested, prepare, cases.companions);
    const exempt = cases.exempt ?? {};
    const valid = cases.valid as readonly AnyCase[];
    const register = (title: string, pending: string | undefined, check: () => Promise<void>): void => {
      if (pending === undefined) it(title, check);
      else it.skip(`${title} (${pending})`, () => undefined);
    };

    describe(`${kind} ${plugin.name}`, () => {
      for (const testCase of valid) {
        describe(`with ${titleOf(testCase)}`, () => {
          for (const law of concerned) {
            const reason = exempt[law.name];
            // `checkCases` checked the keys of the case.
            const pending = reason === undefined ? law.pending?.(testCase as unknown as Extra) : `exempt: ${reason}`;
            register(law.name, pending ?? unavailable(law), () => checks.law(law, testCase));
          }
        });
      }
      for (const law of concerned.filter(({ name }) => exempt[name] !== undefined))
        register(`needs its exemption: ${law.name}`, unavailable(law), () => checks.exemption(law, valid));
      for (const testCase of cases.invalid)
        register(`refuses ${titleOf(testCase)}: ${testCase.code}`, undefined, () => checks.refusal(testCase));
    });
  }

  return Object.freeze({ kind, laws: names, run });
}

function unavailable({ engine }: { readonly engine?: 'tensorflow' }): string | undefined {
  if (engine === undefined || findLibrary() !== undefined) return undefined;
  return 'libtensorflow is not installed; run `ssql engine install`';
}
