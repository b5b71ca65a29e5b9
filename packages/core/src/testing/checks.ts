import assert from 'node:assert/strict';
import type { Engine } from '../engine/engine.js';
import { PipelineErrors, SsqlError } from '../errors.js';
import type { Kind } from '../kinds/kinds.js';
import { discoverRegistry } from '../plugin/discover.js';
import type { AnyCase, InvalidCase, SuppliedCompanions } from './cases.js';
import { makeCompanions } from './companions.js';
import { pluginCreator, type AnyPluginOf, type CreatePlugin } from './create-plugin.js';
import type { Law, Subject } from './law.js';
import { onEngine } from './on-engine.js';

/** The framework's checks, before training, of what a plugin made. May throw. */
export type Prepare<K extends Kind, Extra> = (subject: Subject<K, Extra>) => void | Promise<void>;

/** The checks behind the tests of a plugin. */
export interface Checks<K extends Kind, Extra> {
  /** Throws if the law does not hold in the case. */
  law(law: Law<K, Extra>, testCase: AnyCase): Promise<void>;
  /** Throws if the law holds in all cases, so that its exemption is not needed. */
  exemption(law: Law<K, Extra>, valid: readonly AnyCase[]): Promise<void>;
  /** Throws unless the case is refused with its code and message. */
  refusal(testCase: InvalidCase<object>): Promise<void>;
}

export function checksOf<K extends Kind, Extra>(
  plugin: AnyPluginOf<K>,
  prepare: Prepare<K, Extra>,
  supplied: SuppliedCompanions = {},
): Checks<K, Extra> {
  let creating: Promise<CreatePlugin> | undefined;
  const extraOf = (testCase: AnyCase): Extra => testCase as unknown as Extra; // its keys were checked when it was registered
  const registry = () => discoverRegistry([], process.cwd());
  const creator = () => (creating ??= registry().then((known) => pluginCreator(known, supplied)));

  async function makeSubject(engine: Engine, options: object, testCase: AnyCase): Promise<Subject<K, Extra>> {
    const create = await creator();
    const again = (others = options) => create(plugin, others, engine.tf);
    return {
      engine,
      made: await again(),
      again,
      extra: extraOf(testCase),
      companions: await makeCompanions(await registry(), create, engine.tf),
    };
  }

  async function law(law: Law<K, Extra>, testCase: AnyCase): Promise<void> {
    const options = { ...testCase.options, ...law.options };
    await onEngine(law.engine ?? 'cpu', async (engine) => {
      const subject = await makeSubject(engine, options, testCase);
      // Not `tidy`, which ends before an asynchronous check does.
      engine.tf.engine().startScope();
      try {
        await law.check(subject);
      } finally {
        engine.tf.engine().endScope();
      }
    });
  }

  return {
    law,
    async exemption(exempted, valid) {
      for (const testCase of valid) {
        if (exempted.pending?.(extraOf(testCase)) !== undefined) continue;
        try {
          await law(exempted, testCase);
        } catch (error) {
          if (error instanceof PipelineErrors) throw error;
          return;
        }
      }
      assert.fail(`the law \`${exempted.name}\` holds in every case. Remove the exemption.`);
    },
    async refusal(testCase) {
      const refusals = await refusalOf(() =>
        onEngine('cpu', async (engine) => {
          const subject = await makeSubject(engine, testCase.options, testCase);
          await prepare(subject);
        }),
      );
      assert.ok(refusals.length > 0, `the options are accepted; expected ${testCase.code}`);
      const listed = refusals.map(({ code, message }) => `${code}: ${message}`).join('\n');
      const expected = refusals.every(({ code }) => code === testCase.code);
      assert.ok(expected, `expected only ${testCase.code}; the errors are\n${listed}`);
      const { message } = testCase;
      const matches = message === undefined || refusals.some((error) => message.test(error.message));
      assert.ok(matches, `expected a message that matches ${String(message)}; the errors are\n${listed}`);
    },
  };
}

/** The errors that options are refused with; empty if they are accepted. */
async function refusalOf(work: () => Promise<void>): Promise<readonly SsqlError[]> {
  try {
    await work();
    return [];
  } catch (error) {
    if (error instanceof PipelineErrors) return error.errors;
    if (error instanceof SsqlError) return [error];
    throw error;
  }
}
