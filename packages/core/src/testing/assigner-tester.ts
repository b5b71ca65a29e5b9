import { ASSIGNER_LAWS, type AssignerExtra } from './assigner-laws.js';
import { defineTester, type Tester } from './tester.js';

/** Tests assigners, on a small network. A case has nothing besides options. */
export const AssignerTester: Tester<'assigner', AssignerExtra> = defineTester({
  kind: 'assigner',
  laws: ASSIGNER_LAWS,
  extras: [],
  prepare: () => undefined,
});
