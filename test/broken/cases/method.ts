import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { Tf } from '../../../packages/core/src/engine/engine.js';
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
  method('fails to remember', /^failed in `nextMemory`: no idea/, () => ({ nextMemory: fails })),
]; // prettier-ignore
