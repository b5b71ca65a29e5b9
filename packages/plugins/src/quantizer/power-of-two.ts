import type { Tf } from '@ssql/core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Exponents range from -64 to 63. */
const BITS = 7;
const LOWEST = -(2 ** (BITS - 1));

/** The smallest power of two >= each element, exact on every backend; 2^-64, the smallest of all, for 0. */
export function powerOfTwoAtLeast(tf: Tf, x: Tensor): Tensor {
  const exponent = tf.ceil(tf.div(tf.log(x), Math.LN2));
  const near = power(tf, tf.clipByValue(exponent, LOWEST, -LOWEST - 1));
  // A backend's logarithm may be off by an ulp, so the exponent of a power of two may be off by one.
  const enough = tf.where(tf.less(near, x), tf.mul(near, 2), near);
  const half = tf.div(enough, 2);
  return tf.where(tf.logicalAnd(tf.greaterEqual(half, x), tf.greater(x, 0)), half, enough);
}

/** 2^exponent as a product of exact powers, because a backend's `pow` is not exact. */
function power(tf: Tf, exponent: Tensor): Tensor {
  let rest = tf.sub(exponent, LOWEST);
  let product = tf.fill(exponent.shape, 2 ** LOWEST);
  for (let bit = BITS - 1; bit >= 0; bit--) {
    const has = tf.greaterEqual(rest, 2 ** bit);
    product = tf.where(has, tf.mul(product, 2 ** (2 ** bit)), product);
    rest = tf.where(has, tf.sub(rest, 2 ** bit), rest);
  }
  return product;
}
