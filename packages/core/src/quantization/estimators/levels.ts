import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../../engine/engine.js';

/** 2^bits, of the shape of `bits`; exact even if a backend's power is off by an ulp. No gradient passes to `bits`. */
export function levelCount(tf: Tf, bits: Tensor): Tensor {
  return tf.round(tf.pow(2, bits));
}

/**
 * The lowest and the highest code at `bits`, of the shape of `bits`: from -2^(b-1) to 2^(b-1) - 1 with a sign, from 0 to 2^b - 1 without.
 * No gradient passes to `bits`.
 */
export function codesOf(tf: Tf, bits: Tensor, signed: boolean): { readonly lowest: Tensor; readonly highest: Tensor } {
  const levels = levelCount(tf, bits);
  return signed
    ? { lowest: tf.div(levels, -2), highest: tf.sub(tf.div(levels, 2), 1) }
    : { lowest: tf.zerosLike(levels), highest: tf.sub(levels, 1) };
}
