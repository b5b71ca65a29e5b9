import { WRAPPER_LAWS } from './wrapper-laws.js';
import type { WrapperExtra } from './wrapper-subject.js';
import { defineTester, type Tester } from './tester.js';

/** Tests wrappers, on a small method of two views. A case has nothing besides options. */
export const WrapperTester: Tester<'wrapper', WrapperExtra> = defineTester({
  kind: 'wrapper',
  laws: WRAPPER_LAWS,
  extras: [],
  prepare: () => undefined,
});
