import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../../../packages/core/src/engine/engine.js';
import type { OptimizedParameter, Optimizer } from '../../../packages/core/src/kinds/optimizer.js';
import { broken, type BrokenPlugin } from '../run-broken.js';

const fails = () => { throw new Error('no step'); }; // prettier-ignore
const optimizer = (title: string, says: RegExp, change: (valid: Optimizer) => object): BrokenPlugin =>
  broken({ kind: 'optimizer', title, says, make: (valid) => ({ ...valid, ...change(valid) }) });
type Updated = { readonly value: Tensor; readonly slots: readonly Tensor[] };
/** A change of an update. */
const update = (title: string, says: RegExp, change: (updated: Updated, tf: Tf) => unknown): BrokenPlugin =>
  broken({ kind: 'optimizer', title, says, make: (valid, tf) => ({ ...valid, update: (parameter: OptimizedParameter, rate: never, step: never) => change(valid.update(parameter, rate, step), tf) }) }); // prettier-ignore
const slot = (title: string, says: RegExp, change: object): BrokenPlugin =>
  optimizer(title, says, () => ({ slots: [{ name: 'velocity', ...change }] }));
const schedule = (title: string, says: RegExp, factor: () => unknown): BrokenPlugin =>
  broken({ kind: 'schedule', title, says, make: () => ({ factor }) });

/** Broken optimizers and schedules. */
export const TRAINING: readonly BrokenPlugin[] = [
  optimizer('has NaN as learning rate', /^makes an object with `learningRate` NaN; expected a finite number/, () => ({ learningRate: NaN })),
  optimizer('has no list of slots', /^makes an object with `slots` an object; expected a list of names/, () => ({ slots: {} })),
  optimizer('has a slot twice', /^makes an object with `slots\[1\]` "velocity"; expected a name, different for each slot/, () => ({ slots: ['velocity', 'velocity'] })),
  optimizer('has a slot without a name', /^makes an object with `slots\[0\]` undefined; expected a name/, () => ({ slots: [{ initial: 1 }] })),
  optimizer('refuses with a fault', /^failed in `check`: no step/, () => ({ check: fails })),
  optimizer('throws', /^failed in `update`: no step/, () => ({ update: fails })),
  update('updates nothing', /^returns undefined from `update`; expected `value` and `slots`/, () => undefined),
  update('returns no slots', /^returns 0 slots for conv\.weight from `update`; expected 1: velocity/, ({ value }) => ({ value, slots: [] })),
  update('leaves slots out', /^returns `slots` undefined for conv\.weight from `update`; expected 1: velocity/, ({ value }) => ({ value })),
  update('returns a slot too many', /^returns 2 slots for conv\.weight/, ({ value, slots: [slot] }) => ({ value, slots: [slot, slot] })),
  update('returns a slot of another shape', /^returns a tensor \[\] as `slots\[0\]` of conv\.weight from `update`; expected a tensor \[2,2,1,2\]/, ({ value, slots: [slot] }, tf) => ({ value, slots: [tf.mean(slot!)] })),
  update('returns no tensor as slot', /^returns 0 as `slots\[0\]` of conv\.weight/, ({ value }) => ({ value, slots: [0] })),
  update('returns a value of another shape', /^returns a tensor \[\] as `value` of conv\.weight from `update`/, ({ value, slots }, tf) => ({ value: tf.mean(value), slots })),
  update('returns a value of integers', /^returns a tensor \[2,2,1,2\] of int32 as `value` of conv\.weight from `update`; expected a tensor \[2,2,1,2\] of float32/, ({ value, slots }, tf) => ({ value: tf.cast(value, 'int32'), slots })),
  optimizer('has nothing as slot', /^makes an object with `slots\[0\]` null; expected a name/, () => ({ slots: [null] })),
  slot('has a slot that starts at NaN', /^makes `slots` with `\[0\]` with `initial` NaN; expected a finite number/, { initial: NaN }),
  slot('has a list as the shape of a slot', /^makes `slots` with `\[0\]` with `shape` a list of 1; expected a function/, { shape: [1] }),
  slot('fails to size a slot', /^failed in `slots\[0\]\.shape`: no step/, { shape: fails }),
  slot('has a slot of half a row', /^returns \[1\.5\] from `slots\[0\]\.shape`; expected sizes of at least 1/, { shape: () => [1.5] }),
  slot('sizes a slot later', /^returns a Promise from `slots\[0\]\.shape`/, { shape: async () => [1] }),
  optimizer('has a number as gradients', /^makes an object with `gradients` 7; expected a function/, () => ({ gradients: 7 })),
  optimizer('returns no gradients', /^returns undefined from `gradients`; expected a list of tensors/, () => ({ gradients: () => undefined })),
  optimizer('returns too few gradients', /^returns 0 tensors from `gradients`; expected \d+, one for each gradient/, () => ({ gradients: () => [] })),
  optimizer('returns numbers as gradients', /^returns 0 for conv\.weight from `gradients`; expected a tensor \[2,2,1,2\]/, () => ({ gradients: (all: readonly object[]) => all.map(() => 0) })),
  optimizer('returns named gradients', /^returns an object for conv\.weight from `gradients`/, () => ({ gradients: (all: readonly object[]) => all })),
  optimizer('fails to change gradients', /^failed in `gradients`: no step/, () => ({ gradients: fails })),
  optimizer('has a number to check with', /^makes an object with `check` 7; expected a function/, () => ({ check: 7 })),
  optimizer('checks later', /^returns a Promise from `check`; expected a result, because nothing waits for it/, () => ({ check: async () => fails() })),
  schedule('throws nothing', /^failed in `factor`: undefined/, () => { throw undefined as unknown as Error; }),
  schedule('throws an object without a prototype', /^failed in `factor`: an object/, () => { throw Object.create(null); }),
  schedule('throws', /^failed in `factor`: no step/, fails),
  schedule('returns a promise', /^returns a Promise from `factor`; expected a finite number/, () => Promise.resolve(1)),
  schedule('has a negative factor', /^returns -1 from `factor`; expected a finite number, not negative/, () => -1),
  optimizer('has a negative learning rate', /^makes an object with `learningRate` -1; expected a finite number, not negative/, () => ({ learningRate: -1 })),
  optimizer('has a number to dispose with', /^makes an object with `dispose` 4; expected a function/, () => ({ dispose: 4 })),
  schedule('has NaN as factor', /^returns NaN from `factor`; expected a finite number/, () => NaN),
  schedule('has an infinite factor', /^returns Infinity from `factor`/, () => Infinity),
  schedule('has no factor', /^returns undefined from `factor`/, () => undefined),
]; // prettier-ignore
