import assert from 'node:assert/strict';
import { type Kind, type OptionsSchema, type Plugin } from '@ssql/core';
import { findLibrary } from '@ssql/core/run';
import type { Cases, Tester } from '@ssql/core/testing';
import { outcomeOf } from './outcome.js';

/** A plugin that keeps all laws except these. */
export interface Broken<K extends Kind> {
  readonly title: string;
  readonly plugin: Plugin<K, OptionsSchema, never>;
  readonly breaks: readonly string[];
}

/**
 * Tests that each plugin breaks exactly the laws listed for it, and that some plugin breaks each law.
 * @param unbreakable laws about the framework, which no plugin can break
 */
export function testBreaks<K extends Kind, Extra>(
  tester: Tester<K, Extra>,
  plugins: readonly Broken<K>[],
  cases: Cases<OptionsSchema, Extra>,
  unbreakable: readonly string[] = [],
): void {
  for (const { title, plugin, breaks } of plugins) {
    it(title, async () => {
      const { failed } = await outcomeOf(tester, plugin, cases);
      const expected = breaks.filter((law) => !law.startsWith('compiled') || findLibrary() !== undefined);
      const said = failed.map(([law, error]) => `${law}: ${error.message}`).join('\n');
      assert.deepEqual(failed.map(([law]) => law).sort(), [...expected].sort(), said);
    });
  }

  it('has a plugin here that breaks each law', () => {
    const broken = new Set([...plugins.flatMap(({ breaks }) => breaks), ...unbreakable]);
    assert.deepEqual(
      tester.laws.filter((law) => !broken.has(law)),
      [],
    );
  });
}
