import { createRequire } from 'node:module';
import type * as tfjs from '@tensorflow/tfjs-core';

/** The value of `x`; no gradient reaches what `x` was made from. */
export function stopGradient<T extends tfjs.Tensor>(x: T): T {
  // Loaded where it is needed, for every plugin imports this file's package; who has a tensor has loaded it already.
  const { customGrad } = createRequire(import.meta.url)('@tensorflow/tfjs-core') as typeof tfjs;
  // A custom gradient of no inputs: the tape ends here, and nothing behind it is differentiated.
  const stop = customGrad(() => ({ value: x.clone(), gradFunc: () => [] }));
  return stop() as T;
}
