import assert from 'node:assert/strict';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine/engine.js';

/** Step of a difference, relative to the largest magnitude of x. */
const STEP = 1e-3;
/** If the two one-sided differences are further apart than this, there is a kink between them. */
const KINK = 4e-3;
const TOLERANCE = 6e-3;

/**
 * Fails if `gradient` is not that of sum(dy f(x)), by finite differences at each element of x. Elements at a kink of f, where the two
 * one-sided differences disagree, are skipped; more than half of the elements must remain.
 */
export function assertDerivative(
  tf: Tf,
  f: (x: Tensor) => Tensor,
  { x, dy, gradient }: { readonly x: Tensor; readonly dy: Tensor; readonly gradient: Tensor },
  what: string,
): void {
  const at = Float32Array.from(x.dataSync());
  const upstream = dy.dataSync();
  const actual = gradient.dataSync();
  const valueAt = (element: number, value: number): Float32Array => {
    const moved = at.slice();
    moved[element] = value;
    return Float32Array.from(tf.tidy(() => f(tf.tensor(moved, x.shape)).dataSync()));
  };
  // Differences of each output first, which are exactly 0 if the element has no effect; then their sum, in double precision.
  const slope = (from: Float32Array, to: Float32Array, distance: number): number =>
    to.reduce((sum, value, i) => sum + upstream[i]! * (value - from[i]!), 0) / distance;
  const here = valueAt(0, at[0]!);
  const step = STEP * Math.max(1e-6, ...at.map(Math.abs));
  let compared = 0;
  for (let i = 0; i < at.length; i++) {
    const [low, high] = [Math.fround(at[i]! - step), Math.fround(at[i]! + step)];
    const left = slope(valueAt(i, low), here, at[i]! - low);
    const right = slope(here, valueAt(i, high), high - at[i]!);
    const scale = Math.max(1, Math.abs(left), Math.abs(right));
    if (Math.abs(left - right) > KINK * scale) continue;
    compared++;
    const expected = (left + right) / 2;
    const close = Math.abs(actual[i]! - expected) <= TOLERANCE * scale;
    assert.ok(
      close,
      `${what}: the gradient at ${at[i]} is ${actual[i]}, finite differences give ${expected.toFixed(4)}`,
    );
  }
  assert.ok(compared > at.length / 2, `${what}: ${at.length - compared} of ${at.length} elements lie at kinks`);
}
