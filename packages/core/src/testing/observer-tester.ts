import { OBSERVER_LAWS } from './observer-laws.js';
import type { ObserverExtra } from './observer-subject.js';
import { defineTester, type Tester } from './tester.js';

/** Tests observers. */
export const ObserverTester: Tester<'observer', ObserverExtra> = defineTester({
  kind: 'observer',
  laws: OBSERVER_LAWS,
  extras: [],
  prepare: () => undefined,
});
