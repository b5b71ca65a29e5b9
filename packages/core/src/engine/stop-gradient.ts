import * as tf from '@tensorflow/tfjs-core';

/** The value of `x`; no gradient reaches what `x` was made from. */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  // A custom gradient of no inputs: the tape ends here, and nothing behind it is differentiated.
  const stop = tf.customGrad(() => ({ value: tf.clone(x), gradFunc: () => [] }));
  return stop() as T;
}
