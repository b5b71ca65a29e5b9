import { STAGE_LAWS } from './stage-laws.js';
import type { StageExtra } from './stage-subject.js';
import { defineTester, type Tester } from './tester.js';

/** Tests stages, of a run or of a pipeline, on made-up features, outputs and runs. A case has nothing besides options. */
export const StageTester: Tester<'stage', StageExtra> = defineTester({
  kind: 'stage',
  laws: STAGE_LAWS,
  extras: [],
  prepare: () => undefined,
});
