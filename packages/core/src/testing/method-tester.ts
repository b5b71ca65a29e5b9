import { METHOD_LAWS } from './method-laws.js';
import { methodStep, type MethodExtra } from './method-subject.js';
import { defineTester, type Tester } from './tester.js';

/**
 * Tests methods, on a small backbone. A case may set `symmetric: false`, if the loss depends on the order of the views, and `input`, the
 * shape of a view; [8, 8, 3] by default.
 */
export const MethodTester: Tester<'method', MethodExtra> = defineTester({
  kind: 'method',
  laws: METHOD_LAWS,
  extras: ['symmetric', 'input'],
  prepare: (subject) => void methodStep(subject),
});
