import type * as tf from '@tensorflow/tfjs-core';

/**
 * The same value as a tensor that the caller's tidy frees. For tensors that a customGrad makes besides its one output: they must be
 * kept to outlive it.
 */
export function moveToScope<T extends tf.Tensor>(kept: T): T {
  const copy = kept.clone();
  kept.dispose();
  return copy;
}
