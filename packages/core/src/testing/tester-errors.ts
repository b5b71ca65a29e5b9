import { SsqlError } from '../errors.js';

/**
 * A tester is given cases that cannot be tested, or finds no test runner.
 * @remedy The message says which case or key; without a runner, hand `run` the `describe` and `it` of one.
 */
export function testerInvalid(reason: string, hint?: string): SsqlError {
  return new SsqlError('TESTER_INVALID', `The plugin cannot be tested: ${reason}.`, { hint });
}

/**
 * The built-in plugins lack one that testers need beside the plugin under test.
 * @remedy Install a version of `@ssql/plugins` that belongs to this `@ssql/core`.
 */
export function companionMissing(kind: string, name: string): SsqlError {
  return new SsqlError('COMPANION_MISSING', `Testers need the ${kind} \`${name}\`, which is not installed.`, {
    hint: 'Install a version of @ssql/plugins that belongs to this @ssql/core.',
  });
}
