import { OPTIMIZER_LAWS, PARAMETERS, type OptimizerExtra } from './optimizer-laws.js';
import { defineTester, type Tester } from './tester.js';

/** Tests optimizers. A case sets `decays: true` if its options shrink values whose gradient is zero. */
export const OptimizerTester: Tester<'optimizer', OptimizerExtra> = defineTester({
  kind: 'optimizer',
  laws: OPTIMIZER_LAWS,
  extras: ['decays'],
  prepare: ({ made }) => made.check?.(Object.keys(PARAMETERS)),
});
