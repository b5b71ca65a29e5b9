import assert from 'node:assert/strict';
import type { Engine } from '../engine/engine.js';
import { PipelineErrors, SsqlError } from '../errors.js';
import type { Kind } from '../kinds/kinds.js';
import { discoverRegistry } from '../plugin/discover.js';
import type { AnyCase, InvalidCase } from './cases.js';
import { makeCompanions } from './companions.js';
import { pluginCreator, type AnyPluginOf, type CreatePlugin } from './create-plugin.js';
import type { Law, Subject } from './law.js';
import { onEngine } from './on-engine.js';

/** What the framework does with what a plugin made before training begins; it may refuse. */
export type Prepare<K extends Kind, Extra> = (subject: Subject<K, Extra>) => void;

/** What the tests of a plugin do. */
export interface Checks<K extends Kind, Extra> {
  /** Throws where the law is broken in the case. */
  law(law: Law<K, Extra>, one: AnyCase): Promise<void>;
  /** Throws where the law holds in all cases, and an exemption from it is not needed. */
  exemption(law: Law<K, Extra>, valid: readonly AnyCase[]): Promise<void>;
  /** Throws where the case is not refused as it says. */
  refusal(one: InvalidCase<object>): Promise<void>;
}

export function checksOf<K extends Kind, Extra>(plugin: AnyPluginOf<K>, prepare: Prepare<K, Extra>): Checks<K, Extra> {
  let creating: Promise<CreatePlugin> | undefined;
  const given = (one: AnyCase): Extra => one as unknown as Extra; // its keys were checked when it was registered
  const registry = () => discoverRegistry([], process.cwd());
  const creator = () => (creating ??= registry().then(pluginCreator));

  async function makeSubject(engine: Engine, options: object, one: AnyCase): Promise<Subject<K, Extra>> {
    const create = await creator();
    const made = await create(plugin, options, engine.tf);
    return { engine, made, given: given(one), companions: await makeCompanions(await registry(), create, engine.tf) };
  }

  async function law(law: Law<K, Extra>, one: AnyCase): Promise<void> {
    const options = { ...one.options, ...law.options };
    await onEngine(law.engine ?? 'cpu', async (engine) => {
      const subject = await makeSubject(engine, options, one);
      engine.tf.tidy(() => law.check(subject));
    });
  }

  return {
    law,
    async exemption(exempted, valid) {
      for (const one of valid) {
        if (exempted.pending?.(given(one)) !== undefined) continue;
        try {
          await law(exempted, one);
        } catch (error) {
          if (error instanceof PipelineErrors) throw error;
          return;
        }
      }
      assert.fail(`the law \`${exempted.name}\` holds in every case: take the exemption away`);
    },
    async refusal(one) {
      const found = await refusalOf(() =>
        onEngine('cpu', async (engine) => {
          const subject = await makeSubject(engine, one.options, one);
          engine.tf.tidy(() => prepare(subject));
        }),
      );
      assert.ok(found.length > 0, `the options are accepted; expected ${one.code}`);
      const said = found.map(({ code, message }) => `${code}: ${message}`).join('\n');
      const right = found.every(({ code }) => code === one.code);
      assert.ok(right, `expected ${one.code} and nothing else, found\n${said}`);
      const { message } = one;
      const says = message === undefined || found.some((error) => message.test(error.message));
      assert.ok(says, `expected a message that matches ${String(message)}, found\n${said}`);
    },
  };
}

/** What options are refused with; empty where they are not. */
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
