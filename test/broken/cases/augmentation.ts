import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { PreparedAugmentation } from '../../../packages/core/src/kinds/augmentation.js';
import type { Tf } from '../../../packages/core/src/engine/engine.js';
import { broken, type BrokenPlugin } from '../run-broken.js';

/** A change of the prepared augmentation. */
const prepared = (title: string, says: RegExp, change: (valid: PreparedAugmentation, tf: Tf) => unknown): BrokenPlugin =>
  broken({ kind: 'augmentation', title, says, make: ({ prepare }, tf) => ({ prepare: (input: never) => change(prepare(input), tf) }) }); // prettier-ignore

/** Broken augmentations. */
export const AUGMENTATIONS: readonly BrokenPlugin[] = [
  broken({ kind: 'augmentation', title: 'cannot be prepared', says: /^failed in `prepare`: no\.$/, make: () => ({ prepare: () => { throw new Error('no'); } }) }),
  prepared('prepares nothing', /^returns from `prepare` an object, but it is undefined/, () => undefined),
  prepared('prepares no draw', /^returns from `prepare` an object without `draw`, a function/, ({ draw: _, ...rest }) => rest),
  prepared('has an output of two sides', /^returns from `prepare` an object with `output` \[4,4\]; expected height, width and channels/, (valid) => ({ ...valid, output: [4, 4] })),
  prepared('draws a negative number of numbers', /with `draws` -1; expected a whole number/, (valid) => ({ ...valid, draws: -1 })),
  prepared('draws too few numbers', /^returns 1 numbers from `draw`; expected 2, its `draws`/, (valid) => ({ ...valid, draw: () => [1] })),
  prepared('draws too many numbers', /^returns 3 numbers from `draw`; expected 2/, (valid) => ({ ...valid, draw: () => [1, 2, 3] })),
  prepared('draws no list', /^returns 7 from `draw`; expected 2/, (valid) => ({ ...valid, draw: () => 7 })),
  prepared('draws NaN', /^returns NaN from `draw`; expected finite numbers/, (valid) => ({ ...valid, draw: () => [1, NaN] })),
  prepared('draws an infinite number', /^returns Infinity from `draw`/, (valid) => ({ ...valid, draw: () => [Infinity, 1] })),
  prepared('fails while it draws', /^failed in `draw`: no luck\.$/, (valid) => ({ ...valid, draw: () => { throw new Error('no luck'); } })),
  prepared('returns images of another size', /^returns a tensor \[4,4,4,1\] from `apply`; expected a tensor \[4,2,2,1\], its `output`/, (valid) => ({ ...valid, output: [2, 2, 1] })),
  prepared('drops an image', /^returns a tensor \[3,4,4,1\] from `apply`; expected a tensor \[4,4,4,1\]/, (valid, tf) => ({ ...valid, apply: (images: Tensor4D) => tf.slice(images, 0, 3) })),
  prepared('returns no tensor', /^returns a list of 0 from `apply`/, (valid) => ({ ...valid, apply: () => [] })),
  broken({ kind: 'augmentation', title: 'is prepared later', says: /^returns a Promise from `prepare`; expected a result, because nothing waits for it/, make: ({ prepare }) => ({ prepare: async (input: never) => prepare(input) }) }),
  broken({ kind: 'augmentation', title: 'changes the shape that it gets', says: /^failed in `prepare`: Cannot assign to read only property/, make: ({ prepare }) => ({ prepare: (input: [number, number, number]) => { input[0] = 2; return prepare(input); } }) }),
  prepared('says in words whether evaluation applies it', /^returns from `prepare` an object with `evaluation` "no"; expected a boolean/, (valid) => ({ ...valid, evaluation: 'no' })),
  prepared('draws in evaluation', /^returns from `prepare` an object with `evaluation` true and `draws` 2; expected `draws` 0/, (valid) => ({ ...valid, evaluation: true })),
  prepared('returns integers', /^returns a tensor \[4,4,4,1\] of int32 from `apply`; expected a tensor \[4,4,4,1\] of float32, its `output`/, (valid, tf) => ({ ...valid, apply: (images: Tensor4D) => tf.cast(images, 'int32') })),
  prepared('disposes its images', /^disposes its input in `apply`; only its caller disposes it/, (valid, tf) => ({ ...valid, apply: (images: Tensor4D) => { const copy = tf.clone(images); images.dispose(); return copy; } })),
  prepared('fails on images', /^failed in `apply`: out of paint\.$/, (valid) => ({ ...valid, apply: () => { throw new Error('out of paint'); } })),
  prepared('multiplies images by a tensor of another shape', /^failed in `apply`: .*shape/i, (valid, tf) => ({ ...valid, apply: (images: Tensor4D) => tf.mul(images, tf.ones([3, 5])) })),
]; // prettier-ignore
