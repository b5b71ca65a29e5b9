import assert from 'node:assert/strict';
import type { Kind, Plugin } from '@ssql/core';
import * as testing from '@ssql/core/testing';
import { plugins } from '../../packages/plugins/src/index.js';
import { casesOf } from './cases-of.js';
import { LAW_CASES } from './law-cases.js';

/** A tester, whatever its kind: the cases are checked when they run. */
type AnyTester = { run(plugin: Plugin<Kind>, cases: ReturnType<typeof casesOf>): void };

const TESTERS: { readonly [K in Kind]?: AnyTester } = {
  augmentation: testing.AugmentationTester as AnyTester,
  backbone: testing.BackboneTester as AnyTester,
  method: testing.MethodTester as AnyTester,
  observer: testing.ObserverTester as AnyTester,
  quantizer: testing.QuantizerTester as AnyTester,
};

describe('every built-in plugin keeps the laws of its kind', () => {
  const tested = plugins.filter(({ kind }) => TESTERS[kind] !== undefined);

  // Without cases by hand its defaults must do: a plugin that is in the list is tested, or fails.
  for (const plugin of tested)
    TESTERS[plugin.kind]!.run(plugin as Plugin<Kind>, casesOf(plugin, LAW_CASES[`${plugin.kind} ${plugin.name}`]));

  it('by testers of all kinds that there are', () => {
    assert.equal(Object.keys(testing).length, Object.keys(TESTERS).length);
  });

  it('and no cases are left of plugins that are gone', () => {
    const names = tested.map(({ kind, name }) => `${kind} ${name}`);
    assert.deepEqual(
      Object.keys(LAW_CASES).filter((name) => !names.includes(name)),
      [],
    );
  });
});
