import type { Tf } from '@ssql/core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** What `compute` makes, as a constant of the backward pass. Unlike `stopGradient` it lets no tape keep what is made on the way. */
export function withoutGradient<T extends Tensor>(tf: Tf, compute: () => T): T {
  return tf.customGrad(() => ({ value: compute(), gradFunc: () => [] }))() as T;
}
