import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../../engine/engine.js';

/**
 * The result of `compute`, as a constant of the backward pass. Unlike with `stopGradient`, the tape keeps no intermediate tensors, and
 * `compute` may use operations without a gradient.
 */
export function withoutGradient<T extends Tensor>(tf: Tf, compute: () => T): T {
  return tf.customGrad(() => ({ value: compute(), gradFunc: () => [] }))() as T; // tfjs loses the rank
}
