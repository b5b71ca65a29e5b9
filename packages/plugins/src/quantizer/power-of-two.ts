import type { Tf } from '@ssql/core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** Exponents that there are: from -64 up, below 64. */
const BITS = 7;
const LOWEST = -(2 ** (BITS - 1));

/** The smallest power of two that is not below each element, exactly, on every backend; of 0 the smallest that there is, 2^-64. */
export function powerOfTwoAtLeast(tf: Tf, x: Tensor): Tensor {
  const exponent = tf.ceil(tf.div(tf.log(x), Math.LN2));
  const near = power(tf, tf.clipByValue(exponent, LOWEST, -LOWEST - 1));
  // A backend's logarithm may be an ulp off, and so the power of a power of two.
  const enough = tf.where(tf.less(near, x), tf.mul(near, 2), near);
  const half = tf.div(enough, 2);
  return tf.where(tf.logicalAnd(tf.greaterEqual(half, x), tf.greater(x, 0)), half, enough);
}

/** 2^exponent as a product of powers that are exact, for a backend's power is not. */
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
