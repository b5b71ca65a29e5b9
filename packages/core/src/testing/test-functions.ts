import { testerInvalid } from './tester-errors.js';

/** Functions that register tests: mocha's, vitest's, jest's or node:test's. */
export interface TestFunctions {
  describe(title: string, suite: () => void): unknown;
  readonly it: {
    (title: string, test: () => void | Promise<void>): unknown;
    skip(title: string, test: () => void): unknown;
  };
}

/**
 * The functions that were passed, else the globals.
 * @throws SsqlError TESTER_INVALID if there are none
 */
export function testFunctions(functions: TestFunctions | undefined): TestFunctions {
  const { describe, it } = functions ?? (globalThis as Partial<TestFunctions>); // the globals of a test runner, if one runs
  if (typeof describe !== 'function' || typeof it !== 'function' || typeof it.skip !== 'function') {
    throw testerInvalid(
      '`describe` and `it` are not defined',
      'Run the file with mocha, or with vitest or jest with globals; with node:test, pass them: `run(plugin, cases, { describe, it })`.',
    );
  }
  return { describe, it };
}
