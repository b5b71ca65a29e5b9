import type { Cases, TestFunctions, Tester } from '@ssql/core/testing';
import type { Kind, OptionsSchema, Plugin } from '@ssql/core';

/** The outcomes of a tester's tests, by title. */
export interface Outcome {
  readonly passed: readonly string[];
  readonly pending: readonly string[];
  /** Titles, and the errors that the tests threw. */
  readonly failed: readonly (readonly [title: string, error: Error])[];
}

/** Runs a tester's tests without a test runner. */
export async function outcomeOf<K extends Kind, Extra>(
  tester: Tester<K, Extra>,
  plugin: Plugin<K, OptionsSchema, never>,
  cases: Cases<OptionsSchema, Extra>,
): Promise<Outcome> {
  const tests: { readonly title: string; readonly test: () => void | Promise<void> }[] = [];
  const pending: string[] = [];
  const it: TestFunctions['it'] = Object.assign(
    (title: string, test: () => void | Promise<void>) => void tests.push({ title, test }),
    { skip: (title: string) => void pending.push(title) },
  );
  tester.run(plugin, cases, { describe: (_, suite) => suite(), it });
  const passed: string[] = [];
  const failed: [string, Error][] = [];
  for (const { title, test } of tests) {
    try {
      await test();
      passed.push(title);
    } catch (error) {
      failed.push([title, error as Error]);
    }
  }
  return { passed, pending, failed };
}
