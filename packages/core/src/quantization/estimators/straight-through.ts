import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../../engine/engine.js';
import { customGradient } from './custom-gradient.js';

/**
 * The straight-through estimator: `quantize(x)`, of x's shape, with the gradient of the identity. All of it passes to `x`, even where
 * `quantize` clips, and none passes to other tensors that `quantize` uses.
 * Bengio, Léonard, Courville: https://arxiv.org/abs/1308.3432, section 4.
 */
export function straightThrough<T extends Tensor>(tf: Tf, x: T, quantize: (x: T) => T): T {
  return customGradient(
    tf,
    { x },
    ({ x }) => ({ value: quantize(x) }),
    (dy) => ({ x: dy }),
  );
}

/** Rounds each element, halves to even, with the gradient of the identity (`straightThrough`). */
export function roundStraightThrough<T extends Tensor>(tf: Tf, x: T): T {
  return straightThrough(tf, x, tf.round);
}
