import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine/engine.js';
import type { SsqlError } from '../errors.js';
import { gradientFailed } from './train-errors.js';

/**
 * The gradients of a loss in each weight; `undefined` for weights that it does not depend on.
 * @param constant the error if it depends on none
 * @throws SsqlError GRADIENT_FAILED: the backward pass runs after the functions of plugins have returned, so only the message tells whose
 * gradient it was
 */
export function lossGradients(
  tf: Tf,
  loss: () => Scalar,
  weights: readonly Tensor[],
  constant: () => SsqlError,
): readonly (Tensor | undefined)[] {
  let backward = false;
  const forward = (): Scalar => {
    const value = loss();
    backward = true;
    return value;
  };
  let grads: readonly (Tensor | undefined)[];
  try {
    // Not `valueAndGrads`, because it throws if the loss does not depend on a parameter.
    ({ grads } = tf.engine().gradients(forward, [...weights], undefined, true));
  } catch (error) {
    throw backward ? gradientFailed(error) : error;
  }
  if (weights.length > 0 && !grads.some(Boolean)) throw constant();
  return grads;
}
