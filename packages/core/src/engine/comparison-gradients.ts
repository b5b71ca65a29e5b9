import * as tf from '@tensorflow/tfjs-core';

/**
 * Zero gradients for operations with a boolean result. tfjs has no gradients for them, so differentiating
 * `where(greater(x, 0), a, b)` by x would throw: it needs the gradient of the condition too.
 */
export const comparisonGradients: readonly tf.GradConfig[] = [
  ...[tf.Equal, tf.NotEqual, tf.Greater, tf.GreaterEqual, tf.Less, tf.LessEqual].map((name) => zero(name, ['a', 'b'])),
  ...[tf.LogicalAnd, tf.LogicalOr].map((name) => zero(name, ['a', 'b'])),
  zero(tf.LogicalNot, ['x']),
];

function zero(kernelName: string, inputs: string[]): tf.GradConfig {
  return {
    kernelName,
    inputsToSave: inputs,
    gradFunc: (_, saved) => Object.fromEntries(inputs.map((name, i) => [name, () => tf.zeros(saved[i]!.shape)])),
  };
}
