import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../../../packages/core/src/engine/engine.js';
import type { Branches, Objective, Wrapper, WrappedMethod } from '../../../packages/core/src/kinds/wrapper.js';
import { broken, type BrokenPlugin } from '../run-broken.js';

const wrapper = (
  title: string,
  says: RegExp,
  change: (valid: Wrapper, tf: Tf) => object,
  code?: string,
): BrokenPlugin =>
  broken({
    kind: 'wrapper',
    title,
    says,
    ...(code && { code }),
    make: (valid, tf) => ({ ...valid, ...change(valid, tf) }),
  });
/** A change of the objective. */
const objective = (title: string, says: RegExp, change: (valid: Objective, tf: Tf) => unknown): BrokenPlugin =>
  wrapper(title, says, (valid, tf) => ({
    objective: (...args: [WrappedMethod, Branches, never]) => change(valid.objective(...args), tf),
  }));
const branch = (index: number): object => ({
  objective(method: WrappedMethod, branches: Branches, views: never) {
    const online = method.online(branches.float, views);
    return {
      loss: method.loss(method.online(branches.quantized(index), views), method.targets(online)),
      parts: {},
      online,
    };
  },
});

const objectiveOf = (tf: Tf, online: unknown): object => ({ loss: tf.mean(online as Tensor), parts: {}, online });

/** Broken wrappers. */
export const WRAPPERS: readonly BrokenPlugin[] = [
  wrapper('draws half a precision', /^makes an object with `precisions` 0\.5; expected a whole number/, () => ({ precisions: 0.5 })),
  wrapper('wants a precision that no sampler draws', /^makes an object with `precisions\[1\]` "best"; expected `max`, `min` or `random`/, () => ({ precisions: ['max', 'best'] })),
  wrapper('wants nothing as precision', /^makes an object with `precisions\[0\]` undefined; expected `max`, `min` or `random`/, () => ({ precisions: [undefined] })),
  wrapper('never uses a precision', /^declares 2 in `precisions` and never uses `branches\.quantized\(1\)`/, () => ({ precisions: 2 })),
  wrapper('uses a precision by a text', /^failed in `objective`: There is no quantized branch 0/, () => branch('0' as never), 'BRANCH_UNKNOWN'),
  wrapper('never calls targets', /^never calls `targets` of a method with a momentum encoder/, (_, tf) => ({ precisions: 0, objective: (method: WrappedMethod, { float }: Branches, views: never) => objectiveOf(tf, method.online(float, views)) })),
  wrapper('calls targets twice', /^calls `targets` 2 times in a step; expected once/, ({ objective }) => ({ objective: (method: WrappedMethod, branches: Branches, views: never) => { method.targets(method.online(branches.float, views)); return objective(method, branches, views); } })),
  wrapper('quantizes before the float branch', /^cannot be used: The output conv is quantized before a float pass has observed its range/, ({ objective }) => ({ objective: (method: WrappedMethod, branches: Branches, views: never) => { method.online(branches.quantized(0), views); return objective(method, branches, views); } }), 'NOT_CALIBRATED'),
  wrapper('turns the views around', /^failed in `objective`: Cannot assign to read only property/, ({ objective }) => ({ objective: (method: WrappedMethod, branches: Branches, views: never[]) => objective(method, branches, views.reverse()) })),
  objective('has a loss of integers', /^returns `loss` a tensor \[\] of int32 from `objective`; expected a scalar/, (valid, tf) => ({ ...valid, loss: tf.cast(valid.loss, 'int32') })),
  objective('has a part that is NaN', /^returns `parts\.ratio` NaN from `objective`; expected a finite number/, (valid, tf) => ({ ...valid, parts: { ratio: tf.scalar(NaN) } })),
  wrapper('throws', /^failed in `objective`: no goal/, () => ({ objective: () => { throw new Error('no goal'); } })),
  wrapper('uses the second precision of one', /^failed in `objective`: There is no quantized branch 1: `precisions` is 1, so the indexes are only the index 0/, () => branch(1), 'BRANCH_UNKNOWN'),
  wrapper('uses a negative precision', /^failed in `objective`: There is no quantized branch -1/, () => branch(-1), 'BRANCH_UNKNOWN'),
  wrapper('draws no precision and uses one', /^failed in `objective`: There is no quantized branch 0: `precisions` is 0, so the indexes are none/, () => ({ precisions: 0, ...branch(0) }), 'BRANCH_UNKNOWN'),
  objective('makes no objective', /^returns undefined from `objective`; expected `loss`, `parts` and `online`/, () => undefined),
  objective('has a vector as loss', /^returns `loss` a tensor \[2\] from `objective`; expected a scalar/, (valid, tf) => ({ ...valid, loss: tf.stack([valid.loss, valid.loss]) })),
  objective('has no loss', /^returns `loss` undefined from `objective`/, ({ loss: _, ...rest }) => rest),
  objective('has no parts', /^returns `parts` undefined from `objective`; expected scalars by name/, ({ parts: _, ...rest }) => rest),
  objective('has a vector as part', /^returns `parts\.both` a tensor \[2\] from `objective`; expected a scalar/, (valid, tf) => ({ ...valid, parts: { both: tf.stack([valid.loss, valid.loss]) } })),
  objective('has no online outputs', /^returns no `online` from `objective`; expected the outputs of the float branch/, ({ online: _, ...rest }) => rest),
  objective('has a constant loss', /^has a constant loss: no gradient flows/, (valid, tf) => ({ ...valid, loss: tf.scalar(1) })),
]; // prettier-ignore
