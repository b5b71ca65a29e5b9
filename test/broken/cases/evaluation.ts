import type { AssignmentProblem } from '../../../packages/core/src/kinds/assigner.js';
import type { RunStageContext } from '../../../packages/core/src/kinds/stage.js';
import { broken, type BrokenPlugin } from '../run-broken.js';

const fails = () => { throw new Error('no use'); }; // prettier-ignore
const assigner = (title: string, says: RegExp, assign: (problem: AssignmentProblem) => unknown): BrokenPlugin =>
  broken({ kind: 'assigner', title, says, make: (valid) => ({ ...valid, assign }) });
const stage = (title: string, says: RegExp, run: (context: RunStageContext) => unknown, code?: string): BrokenPlugin =>
  broken({ kind: 'stage', title, says, ...(code && { code }), make: () => ({ scope: 'run', run }) });
const RESULT = { stage: 'a', precision: 'float', classifier: 'float', metric: 'accuracy', value: 1 };
const records = (title: string, says: RegExp, results: unknown): BrokenPlugin =>
  stage(title, says, ({ record }) => record(results as never), 'RESULT_INVALID');
const log = (title: string, says: RegExp, change: object): BrokenPlugin =>
  broken({
    kind: 'logger',
    title,
    says,
    make: ({ open }) => ({ open: async (run: never) => ({ ...(await open(run)), ...change }) }),
  });
const none = new Map<string, number>();

/** Broken assigners, stages and loggers. */
export const EVALUATION: readonly BrokenPlugin[] = [
  broken({ kind: 'assigner', title: 'has another budget', says: /^makes an object with `budget` "time"; expected `bops` or `size`/, make: (valid) => ({ ...valid, budget: 'time' }) }),
  ...[['has a text as bits', /^makes an object with `bits` "x"; expected an object/, 'x'], ['chooses from a width that does not exist', /^makes an object with 99 in `bits\.weights`; expected widths from 1 to 16/, { weights: [99] }], ['chooses from half a bit', /^makes an object with 0\.5 in `bits\.activations`/, { activations: [0.5] }], ['chooses the bits of another operand', /^makes an object with `bits\.weight`; expected `weights` and `activations`/, { weight: [4] }]].map(
    ([title, says, bits]) => broken({ kind: 'assigner', title: title as string, says: says as RegExp, make: (valid) => ({ ...valid, bits }) }),
  ),
  assigner('throws', /^failed in `assign`: no use/, fails),
  assigner('assigns nothing', /^returns `weights` undefined from `assign`; expected a Map from sites to widths/, () => undefined),
  assigner('assigns objects', /^returns `weights` an object from `assign`/, () => ({ weights: {}, activations: {} })),
  assigner('assigns bits to a site that does not exist', /^returns 4 for the weights of nowhere from `assign`; expected only sites of the problem/, () => ({ weights: new Map([['nowhere', 4]]), activations: none })),
  assigner('assigns a width that is no candidate', /^returns 3 for the activations of conv from `assign`; expected 4/, () => ({ weights: none, activations: new Map([['conv', 3]]) })),
  broken({ kind: 'stage', title: 'has another scope', says: /^makes an object with `scope` "all"; expected `run` or `pipeline`/, make: (valid) => ({ ...valid, scope: 'all' }) }),
  stage('throws', /^failed in `run`: no use/, fails),
  stage('fails later', /^failed in `run`: no use/, async () => fails()),
  stage('gives up as if it had been interrupted', /^failed in `run`: This operation was aborted/, () => AbortSignal.abort().throwIfAborted()),
  records('records NaN', /^failed in `run`: It records NaN as accuracy of a at float; expected a finite number/, [{ ...RESULT, value: NaN }]),
  records('records a negative standard error', /^failed in `run`: It records the standard error -1 of accuracy of a at float; expected a finite number from 0/, [{ ...RESULT, standardError: -1 }]),
  records('records an infinite value', /^failed in `run`: It records -Infinity as accuracy of a at float/, [{ ...RESULT, value: -Infinity }]),
  records('records a text', /^failed in `run`: It records "1" as accuracy of a at float/, [{ ...RESULT, value: '1' }]),
  records('records no list', /^failed in `run`: It records an object; expected a list of results/, RESULT),
  records('records nothing', /^failed in `run`: It records undefined; expected results/, [undefined]),
  records('records no metric', /^failed in `run`: It records `metric` undefined; expected a text/, [{ ...RESULT, metric: undefined }]),
  records('records a metric without a name', /^failed in `run`: It records `metric` ""; expected a text/, [{ ...RESULT, metric: '' }]),
  records('records at no precision', /^failed in `run`: It records `precision` "banana"; expected a precision such as `float` or `w4a4`/, [{ ...RESULT, precision: 'banana' }]),
  records('records another classifier', /^failed in `run`: It records `classifier` 7; expected `matched` or `float`/, [{ ...RESULT, classifier: 7 }]),
  stage('records NaN and does not wait', /^failed in `run`: It records NaN as accuracy of a at float/, async ({ record }) => void record([{ ...RESULT, value: NaN }] as never), 'RESULT_INVALID'),
  broken({ kind: 'stage', title: 'says in words whether it needs labels', says: /^makes an object with `needsLabels` "no"; expected a boolean/, make: (valid) => ({ ...valid, needsLabels: 'no' }) }),
  broken({ kind: 'logger', title: 'fails to open', says: /^failed in `open`: no use/, make: () => ({ open: fails }) }),
  broken({ kind: 'logger', title: 'opens nothing', says: /^returns from `open` an object, but it is undefined/, make: () => ({ open: async () => undefined }) }),
  log('does not close', /^returns from `open` an object without `close`, a function/, { close: undefined }),
  log('fails to log a step', /^failed in `metrics`: no use/, { metrics: async () => fails() }),
  log('fails to log results', /^failed in `evaluations`: no use/, { evaluations: fails }),
  log('fails to close', /^failed in `close`: no use/, { close: async () => fails() }),
]; // prettier-ignore
