import assert from 'node:assert/strict';
import type { Kind, Plugin } from '@ssql/core';
import * as testing from '@ssql/core/testing';
import { normalize } from '../../packages/plugins/src/augmentation/normalize.js';
import { plugins } from '../../packages/plugins/src/index.js';
import { outcomeOf } from '../testing/outcome.js';
import { casesOf } from './cases-of.js';
import { LAW_CASES } from './law-cases.js';

/** A tester, whatever its kind: the cases are checked when they run. */
interface AnyTester {
  run(plugin: Plugin<Kind>, cases: ReturnType<typeof casesOf>): void;
}

const TESTERS = new Map<Kind, AnyTester>(Object.values(testing).map((tester) => [tester.kind, tester as AnyTester]));

describe('every built-in plugin keeps the laws of its kind', () => {
  const tested = plugins.filter(({ kind }) => TESTERS.has(kind));

  it('and every kind has a tester', () => assert.equal(tested.length, plugins.length));

  // Without cases by hand its defaults must do: a plugin that is in the list is tested, or fails.
  for (const plugin of tested)
    TESTERS.get(plugin.kind)!.run(plugin as Plugin<Kind>, casesOf(plugin, LAW_CASES[`${plugin.kind} ${plugin.name}`]));

  it('and one without cases fails', async () => {
    const cases = casesOf(normalize) as never; // `mean` and `std` are missing: that is the point
    const { passed } = await outcomeOf(testing.AugmentationTester, normalize, cases);
    assert.deepEqual(
      passed.filter((title) => testing.AugmentationTester.laws.includes(title)),
      [],
    );
  });

  it('and no cases are left of plugins that are gone', () => {
    const names = tested.map(({ kind, name }) => `${kind} ${name}`);
    assert.deepEqual(
      Object.keys(LAW_CASES).filter((name) => !names.includes(name)),
      [],
    );
  });
});
