import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';

/** Values in (-1, 1) that look random and are the same each time. */
export function values<R extends tf.Rank>(shape: tf.ShapeMap[R], seed = 1): tf.Tensor<R> {
  const size = shape.reduce((product, length) => product * length, 1);
  const data = Float32Array.from({ length: size }, (_, i) => {
    const wave = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return 2 * (wave - Math.floor(wave)) - 1;
  });
  return tf.tensor(data, shape);
}

/** The largest |a - b| relative to the largest |b|, or to 1 where that is less. */
function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assert.equal(a.length, b.length);
  let [error, size] = [0, 1];
  for (let i = 0; i < b.length; i++) {
    assert.ok(Number.isFinite(a[i]) && Number.isFinite(b[i]), `not finite: ${a[i]} and ${b[i]} at ${i}`);
    error = Math.max(error, Math.abs(a[i]! - b[i]!));
    size = Math.max(size, Math.abs(b[i]!));
  }
  return error / size;
}

export function assertClose(a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number, message = ''): void {
  const found = difference(a, b);
  assert.ok(found <= tolerance, `${message}: differs by ${found}, allowed ${tolerance}`);
}

export type Compute = (...inputs: tf.Tensor[]) => tf.Tensor;

/** The output and, for a fixed output gradient, the gradient of each input, as numbers. */
export function forwardAndGradients(compute: Compute, inputs: readonly tf.Tensor[]): tf.TypedArray[] {
  return tf.tidy(() => {
    const output = compute(...inputs);
    const gradients = tf.grads(compute)([...inputs], values(output.shape as [number], 7));
    return [output, ...gradients].map((tensor) => tensor.dataSync());
  });
}

export function assertNothingLeaked(action: () => void): void {
  const before = tf.memory().numTensors;
  action();
  assert.equal(tf.memory().numTensors, before, 'tensors left');
}
