import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../../engine/engine.js';

/**
 * What `compute` makes, as a constant of the backward pass. Unlike `stopGradient` it lets no tape keep what is made on the way, and
 * `compute` may use operations that have no gradient.
 */
export function withoutGradient<T extends Tensor>(tf: Tf, compute: () => T): T {
  return tf.customGrad(() => ({ value: compute(), gradFunc: () => [] }))() as T; // tfjs forgets the rank
}
