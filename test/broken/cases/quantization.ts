import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../../../packages/core/src/engine/engine.js';
import type { Observer } from '../../../packages/core/src/kinds/observer.js';
import type { Quantizer } from '../../../packages/core/src/kinds/quantizer.js';
import type { BitSets, Sampler } from '../../../packages/core/src/kinds/sampler.js';
import { broken, type BrokenPlugin } from '../run-broken.js';

const fails = () => { throw new Error('no bits'); }; // prettier-ignore
const quantizer = (
  title: string,
  says: RegExp,
  change: (valid: Quantizer, tf: Tf) => object,
  place = 0,
): BrokenPlugin =>
  broken({ kind: 'quantizer', title, says, place, make: (valid, tf) => ({ ...valid, ...change(valid, tf) }) });
const observer = (title: string, says: RegExp, change: (valid: Observer, tf: Tf) => object, place = 0): BrokenPlugin =>
  broken({ kind: 'observer', title, says, place, make: (valid, tf) => ({ ...valid, ...change(valid, tf) }) });
const sampler = (title: string, says: RegExp, change: (valid: Sampler) => object): BrokenPlugin =>
  broken({ kind: 'sampler', title, says, make: (valid) => ({ ...valid, ...change(valid) }) });
const trains = (title: string, says: RegExp, size: unknown, place = 0): BrokenPlugin =>
  quantizer(title, says, () => ({ trainables: () => ({ size }) }), place);

/** Broken quantizers, observers and samplers. */
export const QUANTIZATION: readonly BrokenPlugin[] = [
  quantizer('has another granularity', /^makes an object with `granularity` "row"; expected `tensor` or `channel`/, () => ({ granularity: 'row' })),
  quantizer('throws on weights', /^failed in `fakeQuantize`: no bits \(layer `conv`\)/, () => ({ fakeQuantize: fails })),
  quantizer('throws on outputs', /^failed in `fakeQuantize`: no bits \(layer `conv`\)/, () => ({ fakeQuantize: fails }), 1),
  quantizer('changes the shape of weights', /^returns a tensor \[8\] from `fakeQuantize`; expected a tensor \[2,2,1,2\], as its input/, (_, tf) => ({ fakeQuantize: (x: Tensor) => tf.reshape(x, [-1]) })),
  quantizer('changes the shape of outputs', /^returns a tensor \[8,2\] from `fakeQuantize`/, (_, tf) => ({ fakeQuantize: (x: Tensor) => tf.reshape(x, [-1, 2]) }), 1),
  quantizer('returns nothing', /^returns undefined from `fakeQuantize`/, () => ({ fakeQuantize: () => undefined })),
  quantizer('adds a tensor of another shape', /^failed in `fakeQuantize`: .*\(layer `conv`\)/, (_, tf) => ({ fakeQuantize: (x: Tensor) => tf.add(x, tf.ones([3])) })),
  quantizer('makes NaN of weights', /^returns a tensor that is not finite from `fakeQuantize` at 4 bits; expected finite numbers/, (_, tf) => ({ fakeQuantize: (x: Tensor) => tf.mul(x, NaN) })),
  quantizer('makes infinite outputs', /^returns a tensor that is not finite from `fakeQuantize` at 4 bits/, (_, tf) => ({ fakeQuantize: (x: Tensor) => tf.div(x, 0) }), 1),
  trains('trains a tensor without a shape', /^returns from `trainables` an object `size` without `shape`, an object/, { initial: 1 }),
  trains('trains a tensor of no size', /`size` with `shape` \[0\]; expected sizes of at least 1/, { shape: [0], initial: 1 }),
  trains('trains a tensor that starts as NaN', /`size` with `initial` NaN; expected a finite number, or a function/, { shape: [], initial: NaN }),
  trains('trains a tensor that starts as text', /`size` with `initial` "one"/, { shape: [], initial: 'one' }),
  trains('fails to begin a tensor', /^failed in `size\.initial`: no bits/, { shape: [], initial: fails }),
  trains('begins a tensor with another size', /^returns a tensor \[2,2,1,2\] from `size\.initial`; expected a tensor \[\], its `shape`/, { shape: [], initial: (x: Tensor) => x }),
  trains('begins a tensor at outputs with another size', /^returns a tensor \[2,2,2,2\] from `size\.initial`/, { shape: [], initial: (x: Tensor) => x }, 1),
  quantizer('lists what it trains', /^returns from `trainables` an object with a list of 1; expected objects by name/, () => ({ trainables: () => [1] })),
  quantizer('fails to say what it trains', /^failed in `trainables`: no bits/, () => ({ trainables: fails })),
  quantizer('makes integers of weights', /^returns a tensor \[2,2,1,2\] of int32 from `fakeQuantize`; expected a tensor \[2,2,1,2\] of float32/, (_, tf) => ({ fakeQuantize: (x: Tensor) => tf.cast(x, 'int32') })),
  quantizer('has an object as what it trains', /^makes an object with `trainables` an object; expected a function/, () => ({ trainables: {} })),
  quantizer('says later what it trains', /^returns a Promise from `trainables`; expected a result/, () => ({ trainables: async () => ({}) })),
  quantizer('has a number as codes', /^makes an object with `codes` 7; expected a function/, () => ({ codes: 7 })),
  quantizer('begins a tensor with integers', /^returns a tensor \[\] of int32 from `size\.initial`/, (_, tf) => ({ trainables: () => ({ size: { shape: [], initial: (x: Tensor) => tf.cast(tf.max(x), 'int32') } }) })),
  observer('observes integers', /^returns an object from `observe`; expected tensors of float32 by name/, (_, tf) => ({ observe: (x: Tensor) => ({ min: tf.cast(tf.min(x), 'int32') }) })),
  observer('has a range in reverse', /^returns 1 to -1 from `range` for numbers from -1 to 1; expected finite ends in order/, (_, tf) => ({ range: () => ({ min: tf.scalar(1), max: tf.scalar(-1) }) })),
  observer('has a range without an end', /^returns 0 to Infinity from `range` for numbers from -1 to 1/, (_, tf) => ({ range: () => ({ min: tf.scalar(0), max: tf.scalar(Infinity) }) }), 1),
  observer('throws', /^failed in `observe`: no bits/, () => ({ observe: fails })),
  observer('throws at outputs', /^failed in `observe`: no bits \(layer `conv`\)/, () => ({ observe: fails }), 1),
  observer('observes nothing', /^returns undefined from `observe`; expected tensors of float32 by name/, () => ({ observe: () => undefined })),
  observer('observes numbers', /^returns an object from `observe`; expected tensors of float32 by name/, () => ({ observe: () => ({ min: 0, max: 1 }) }), 1),
  observer('throws in range', /^failed in `range`: no bits/, () => ({ range: fails }), 1),
  observer('has a range without a maximum', /^returns an object from `range`; expected the tensors `min` and `max`/, () => ({ range: ({ min }: { min: Tensor }) => ({ min }) })),
  observer('has a range per channel for a tensor', /^returns \[2\] from `range`; expected a scalar/, (_, tf) => ({ range: () => ({ min: tf.zeros([2]), max: tf.ones([2]) }) })),
  observer('has a range per channel for outputs', /^returns \[2\] from `range`; expected a scalar/, (_, tf) => ({ range: () => ({ min: tf.zeros([2]), max: tf.ones([2]) }) }), 1),
  sampler('draws half a period', /^makes an object with `per` "day"; expected `step` or `epoch`/, () => ({ per: 'day' })),
  sampler('refuses with a fault', /^failed in `check`: no bits/, () => ({ check: fails })),
  sampler('has a number to check with', /^makes an object with `check` 7; expected a function/, () => ({ check: 7 })),
  sampler('checks later', /^returns a Promise from `check`; expected a result, because nothing waits for it/, () => ({ check: async () => fails() })),
  sampler('throws', /^failed in `draw`: no bits/, () => ({ draw: fails })),
  sampler('draws nothing', /^returns undefined from `draw`; expected the widths of `weights` and `activations`/, () => ({ draw: () => undefined })),
  sampler('draws weights outside their set', /^returns 8 as the width of `weights` from `draw`; expected 4 or float/, () => ({ draw: () => ({ weights: 8, activations: 4 }) })),
  sampler('draws activations outside their set', /^returns 2 as the width of `activations` from `draw`; expected 4 or float/, () => ({ draw: () => ({ weights: 4, activations: 2 }) })),
  sampler('draws only one width', /^returns undefined as the width of `activations` from `draw`/, () => ({ draw: (_: unknown, { weights }: BitSets) => ({ weights: weights[0] }) })),
]; // prettier-ignore
