import { testerInvalid } from './tester-errors.js';

/** What registers a test: mocha's, vitest's, jest's or node:test's. */
export interface TestFunctions {
  describe(title: string, suite: () => void): unknown;
  readonly it: {
    (title: string, test: () => void | Promise<void>): unknown;
    skip(title: string, test: () => void): unknown;
  };
}

/**
 * The given functions, else the globals.
 * @throws SsqlError TESTER_INVALID where there are none
 */
export function testFunctions(given: TestFunctions | undefined): TestFunctions {
  const { describe, it } = given ?? (globalThis as Partial<TestFunctions>); // the globals of a test runner, if one runs
  if (typeof describe !== 'function' || typeof it !== 'function' || typeof it.skip !== 'function') {
    throw testerInvalid(
      'there is no `describe` and `it`',
      "Run the file by mocha, or by vitest or jest with globals; or pass them: run(plugin, cases, { describe, it }) with node:test's.",
    );
  }
  return { describe, it };
}
