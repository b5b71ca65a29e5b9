import { createRequire } from 'node:module';
import type * as tfjs from '@tensorflow/tfjs-core';

/** The value of `x`; no gradient passes to the tensors that `x` was computed from. */
export function stopGradient<T extends tfjs.Tensor>(x: T): T {
  // Loaded here, because every plugin imports this package; a caller that has a tensor has loaded tfjs already.
  const { customGrad } = createRequire(import.meta.url)('@tensorflow/tfjs-core') as typeof tfjs;
  // A custom gradient without inputs: the tape ends here, and nothing before it is differentiated.
  const stop = customGrad(() => ({ value: x.clone(), gradFunc: () => [] }));
  return stop() as T;
}
