import { SsqlError } from '../errors.js';

/**
 * The cases of a tester are invalid, or no test runner was found.
 * @remedy Fix the case or key in the message. Without a test runner, pass `describe` and `it` to `run`.
 */
export function testerInvalid(reason: string, hint?: string): SsqlError {
  return new SsqlError('TESTER_INVALID', `The plugin cannot be tested: ${reason}.`, { hint });
}

/**
 * The built-in plugins lack a plugin that testers need besides the plugin under test.
 * @remedy Install the version of `@ssql/plugins` that matches `@ssql/core`.
 */
export function companionMissing(kind: string, name: string): SsqlError {
  return new SsqlError('COMPANION_MISSING', `Testers need the ${kind} \`${name}\`, which is not installed.`, {
    hint: 'Install the version of @ssql/plugins that matches @ssql/core.',
  });
}
