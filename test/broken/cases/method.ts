import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Tf } from '../../../packages/core/src/engine/engine.js';
import type { SchedulePoint } from '../../../packages/core/src/kinds/schedule.js';
import type { Branch, Method } from '../../../packages/core/src/kinds/method.js';
import { broken, type BrokenPlugin } from '../run-broken.js';

const method = (title: string, says: RegExp, change: (valid: Method, tf: Tf) => object, code?: string): BrokenPlugin =>
  broken({
    kind: 'method',
    title,
    says,
    ...(code && { code }),
    make: (valid, tf) => ({ ...valid, ...change(valid, tf) }),
  });
const fails = () => { throw new Error('no idea'); }; // prettier-ignore
const memory = (change: object): object => ({
  memory: { center: { shape: [1, 3], initial: () => new Float32Array(3), ...change } },
});

const draws = (title: string, says: RegExp, change: object | null): BrokenPlugin =>
  method(title, says, () => ({
    draws: { mask: change && { shape: (batch: number) => [batch], element: () => 1, ...change } },
  }));

/** Broken methods. */
export const METHODS: readonly BrokenPlugin[] = [
  method('takes no views', /^makes an object with `views` 0; expected a whole number of at least 1/, () => ({ views: 0 })),
  method('takes half a view', /with `views` 1\.5/, () => ({ views: 1.5 })),
  method('has a negative factor on a learning rate', /with the learning rate factor -1 for `predictor`; expected a finite number from 0/, () => ({ learningRates: { predictor: -1 } })),
  method('has a projector without forward', /^makes `projector` without `forward`, a function/, () => ({ projector: {} })),
  method('has a head without forward', /^makes `heads` `predictor` without `forward`, a function/, () => ({ heads: { predictor: {} } })),
  method('has a list of heads', /^makes `heads` with a list of 0; expected objects by name/, () => ({ heads: [] })),
  method('has a head that throws', /^failed in `heads\.predictor\.forward`: no idea/, () => ({ heads: { predictor: { forward: fails } } })),
  method('has a head that returns nothing', /^returns undefined from `heads\.predictor\.forward`/, () => ({ heads: { predictor: { forward: () => undefined } } })),
  method('has a projector that throws', /^failed in `projector\.forward`: no idea/, () => ({ projector: { forward: fails } })),
  method('has a projector that returns images', /^returns \[4,1,1,2\] from `projector\.forward`; expected features \[N,D\]/, () => ({ projector: { forward: (_: unknown, x: unknown) => (Array.isArray(x) ? [4, 1, 1, 2] : x) } })),
  method('throws in online', /^failed in `online`: no idea/, () => ({ online: fails })),
  method('throws in targets', /^failed in `targets`: no idea/, () => ({ targets: fails })),
  method('throws in loss', /^failed in `loss`: no idea/, () => ({ loss: fails })),
  method('throws in features', /^failed in `features`: no idea/, () => ({ features: fails })),
  method('throws in momentum', /^failed in `momentum`: no idea/, () => ({ momentum: fails })),
  method('uses an unknown head', /^failed in `online`: The method has no head `other`/, () => ({ online: (branch: Branch, [x]: never[]) => branch.head('other', branch.encode(x!)) }), 'HEAD_UNKNOWN'),
  method('uses a momentum encoder that it does not declare', /^failed in `targets`: The method cannot be trained: it uses a momentum encoder/, () => ({ momentum: undefined }), 'METHOD_STATE_INVALID'),
  method('has a vector as loss', /^returns a tensor \[4\] from `loss`; expected a scalar/, (_, tf) => ({ loss: (online: Tensor) => tf.mean(online, 1) })),
  method('has a number as loss', /^returns 0 from `loss`; expected a scalar/, () => ({ loss: () => 0 })),
  method('has a constant loss', /^has a constant loss: no gradient flows from it to any trained parameter/, (_, tf) => ({ loss: () => tf.scalar(1) })),
  method('has features of one axis', /^returns a tensor \[4\] from `features`; expected features \[N,D\]/, (_, tf) => ({ features: (online: Tensor) => tf.mean(online, 1) })),
  method('has no features', /^returns undefined from `features`/, () => ({ features: () => undefined })),
  method('has a momentum that is NaN', /^returns NaN from `momentum`; expected a number from 0 to 1/, () => ({ momentum: () => NaN })),
  method('has a momentum above 1', /^returns 1\.5 from `momentum`/, () => ({ momentum: () => 1.5 })),
  method('has a memory of no size', /^makes `memory` `center` with `shape` \[0\]; expected sizes of at least 1/, () => memory({ shape: [0] })),
  method('has a memory without initial values', /^makes `memory` `center` without `initial`, a function/, () => memory({ initial: undefined })),
  method('has too few initial values of a memory', /^returns 2 numbers from `memory\.center\.initial`; expected a Float32Array of 3 finite numbers/, () => memory({ initial: () => new Float32Array(2) })),
  method('has a list of initial values of a memory', /^returns a list of 3 from `memory\.center\.initial`/, () => memory({ initial: () => [1, 2, 3] })),
  method('has initial values of a memory that are not finite', /^returns numbers that are not finite from `memory\.center\.initial`/, () => memory({ initial: () => Float32Array.of(1, NaN, 2) })),
  method('fails to begin a memory', /^failed in `memory\.center\.initial`: no idea/, () => memory({ initial: fails })),
  method('forgets a memory', /^returns undefined as `center` from `nextMemory`; expected a tensor \[1,3\], as in `memory`/, () => ({ nextMemory: () => ({}) })),
  method('remembers nothing', /^returns undefined from `nextMemory`; expected a tensor for each name in `memory`/, () => ({ nextMemory: () => undefined })),
  method('remembers what it does not declare', /^returns `other` from `nextMemory`; expected only the names in `memory`/, ({ nextMemory }) => ({ nextMemory: (...args: [never, never]) => ({ ...nextMemory!(...args), other: nextMemory!(...args)['center'] }) })),
  method('remembers another shape', /^returns a tensor \[3\] as `center` from `nextMemory`/, (_, tf) => ({ nextMemory: (targets: Tensor2D) => ({ center: tf.mean(targets, 0) }) })),
  method('takes views that are no number', /^makes an object with `views` "two"; expected a number, or `global` and `local` views/, () => ({ views: 'two' })),
  method('takes no global views', /^makes an object with `views` an object; expected a number, or `global` and `local` views/, () => ({ views: { local: 2 } })),
  method('has a number as momentum', /^makes an object with `momentum` 0\.9; expected a function/, () => ({ momentum: 0.9 })),
  method('has a text as heads of the momentum encoder', /^makes an object with `momentumHeads` "predictor"; expected a list/, () => ({ momentumHeads: 'predictor' })),
  method('copies an unknown head', /^cannot be used: The method has no head `other`/, () => ({ momentumHeads: ['other'] }), 'HEAD_UNKNOWN'),
  method('copies heads without a momentum encoder', /^cannot be used: .* it declares `momentumHeads` but no `momentum`/, () => ({ momentum: undefined, momentumHeads: ['predictor'] }), 'METHOD_STATE_INVALID'),
  method('freezes an unknown network', /^cannot be used: The method has no head `other`/, () => ({ frozen: { other: () => true } }), 'HEAD_UNKNOWN'),
  method('has a learning rate of an unknown network', /^cannot be used: The method has no head `other`/, () => ({ learningRates: { other: 1 } }), 'HEAD_UNKNOWN'),
  method('has one factor for all learning rates', /^makes an object with `learningRates` 3; expected an object/, () => ({ learningRates: 3 })),
  method('has scalars that do not change', /^makes an object with `scalars` an object; expected a function/, () => ({ scalars: { temperature: 1 } })),
  method('fails to compute its scalars', /^failed in `scalars`: no idea/, () => ({ scalars: fails })),
  method('has no scalars', /^returns undefined from `scalars`; expected finite numbers by name/, () => ({ scalars: () => undefined })),
  method('computes its scalars later', /^returns a Promise from `scalars`; expected finite numbers by name/, () => ({ scalars: async () => ({ temperature: 1 }) })),
  method('has a scalar that is NaN', /^returns `temperature` NaN from `scalars`; expected a finite number/, () => ({ scalars: () => ({ temperature: NaN }) })),
  method('has a text as scalar', /^returns `temperature` "1" from `scalars`; expected a finite number/, () => ({ scalars: () => ({ temperature: '1' }) })),
  method('has other scalars in the second step', /^declares scalar\.b \[\] for a step; expected scalar\.a \[\], as for the first/, () => ({ scalars: ({ step }: SchedulePoint) => ({ [step === 0 ? 'a' : 'b']: 1 }) })),
  method('has a function as draws', /^makes an object with `draws` a function; expected an object/, () => ({ draws: () => ({}) })),
  draws('draws nothing', /^makes `draws` `mask`, but it is null/, null),
  draws('draws without an element', /^makes `draws` `mask` without `element`, a function/, { element: undefined }),
  draws('has a list as the shape of a draw', /^makes `draws` `mask` without `shape`, a function/, { shape: [4] }),
  draws('draws half a row', /^returns \[1\.5\] from `draws\.mask\.shape`; expected sizes of at least 1/, { shape: () => [1.5] }),
  draws('draws a tensor without a shape', /^returns undefined from `draws\.mask\.shape`/, { shape: () => undefined }),
  draws('fails to size a draw', /^failed in `draws\.mask\.shape`: no idea/, { shape: fails }),
  draws('draws NaN', /^returns NaN from `draws\.mask\.element`; expected a finite number/, { element: () => NaN }),
  draws('draws texts', /^returns "x" from `draws\.mask\.element`/, { element: () => 'x' }),
  draws('draws later', /^returns a Promise from `draws\.mask\.element`/, { element: async () => 1 }),
  draws('fails while it draws', /^failed in `draws\.mask\.element`: no idea/, { element: fails }),
  method('has a function that freezes all', /^makes an object with `frozen` a function; expected an object/, () => ({ frozen: () => true })),
  method('freezes a network for ever', /^makes `frozen` without `predictor`, a function/, () => ({ frozen: { predictor: true } })),
  method('freezes a network with a text', /^returns "false" from `frozen\.predictor`; expected true or false/, () => ({ frozen: { predictor: () => 'false' } })),
  method('freezes a network later', /^returns a Promise from `frozen\.predictor`; expected true or false/, () => ({ frozen: { predictor: async () => true } })),
  method('fails to say whether a network is frozen', /^failed in `frozen\.predictor`: no idea/, () => ({ frozen: { predictor: fails } })),
  method('has a memory that never moves', /^makes an object with `memory` without `nextMemory`; expected the function that moves it/, () => ({ nextMemory: undefined })),
  method('remembers integers', /^returns a tensor \[1,3\] of int32 as `center` from `nextMemory`; expected a tensor \[1,3\] of float32/, (_, tf) => ({ nextMemory: () => ({ center: tf.zeros([1, 3], 'int32') }) })),
  method('has a loss of integers', /^returns a tensor \[\] of int32 from `loss`; expected a scalar of float32/, (valid, tf) => ({ loss: (...args: [unknown, unknown]) => tf.cast(valid.loss(...args), 'int32') })),
  method('has features of integers', /^returns a tensor \[4,3\] of int32 from `features`; expected features \[N,D\]/, (_, tf) => ({ features: (online: Tensor) => tf.cast(online, 'int32') })),
  method('has the features of one image', /^returns a tensor \[1,3\] from `features`; expected 4 rows, one for each image/, (_, tf) => ({ features: (online: Tensor) => tf.mean(online, 0, true) })),
  method('has features that are NaN', /^returns features that are not finite from `features`; expected finite numbers/, (_, tf) => ({ features: (online: Tensor) => tf.mul(online, NaN) })),
  method('computes its outputs later', /^returns a Promise from `online`; expected a result, because nothing waits for it/, ({ online }) => ({ online: async (...args: [never, never, never]) => online(...args) })),
  method('disposes features', /^disposes its input in `features`; only its caller disposes it/, (_, tf) => ({ features: (online: Tensor) => { const copy = tf.clone(online); online.dispose(); return copy; } })),
  method('fails to remember', /^failed in `nextMemory`: no idea/, () => ({ nextMemory: fails })),
]; // prettier-ignore
