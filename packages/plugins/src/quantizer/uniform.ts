import {
  clamp,
  customGradient,
  definePlugin,
  levelCount,
  nonZero,
  sumTo,
  type Quantizer,
  type Range,
  type Tf,
} from '@ssql/core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { GRANULARITY } from './granularity.js';
import { powerOfTwoAtLeast } from './power-of-two.js';

/** Evenly spaced levels between the ends of a range. */
export const uniform = definePlugin({
  kind: 'quantizer',
  name: 'uniform',
  summary: 'Evenly spaced levels over the observed range, trained with the straight-through estimator.',
  paper: 'https://arxiv.org/abs/2207.05432',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      symmetric: {
        description:
          'true: levels on both sides of zero, without a zero point. false: levels from the minimum to the maximum. Gradient flows ' +
          'through scale and zero point if the range is that of the live tensor, as for weights.',
        type: 'boolean',
        default: true,
      },
      granularity: { ...GRANULARITY, default: 'channel' },
      powerOfTwo: {
        description:
          'Round the scale up to a power of two, so that multiplying by it is a shift. Gradient flows through the scale as if ' +
          'its logarithm were not rounded.',
        type: 'boolean',
        default: false,
      },
    },
  },
  create: ({ symmetric, granularity, powerOfTwo }, { tf }): Quantizer => ({
    granularity,
    fakeQuantize: (x, range, bits) =>
      (symmetric ? quantizeSymmetric : quantizeAsymmetric)(tf, x, range, bits, powerOfTwo),
    surrogate: (x, range, bits) =>
      clip(tf, x, (symmetric ? symmetricGrid : asymmetricGrid)(tf, range, bits, powerOfTwo)),
    codes(x, range, bits) {
      const grid = (symmetric ? symmetricGrid : asymmetricGrid)(tf, range, bits, powerOfTwo);
      const { scale } = usable(tf, grid.scale);
      const zeroPoint = symmetric ? tf.zerosLike(scale) : tf.neg(grid.lowest);
      const multiples = clamp(tf, tf.round(tf.div(x, scale)), grid.lowest, grid.highest);
      return { codes: tf.add(multiples, zeroPoint), scale, zeroPoint };
    },
  }),
});

/**
 * scale = max(|min|, |max|) / ((2^b - 1) / 2), codes from -2^(b-1) to 2^(b-1) - 1. The largest magnitude lies on a rounding tie, so
 * the code divides: a product with the reciprocal would round some of the ties the other way.
 */
function quantizeSymmetric(tf: Tf, x: Tensor, range: Range, bits: Scalar, powerOfTwo: boolean): Tensor {
  const { scale: observed, lowest, highest } = symmetricGrid(tf, range, bits, powerOfTwo);
  return customGradient(
    tf,
    { x, observed },
    ({ x, observed }) => {
      const { value, pass } = roundToGrid(tf, x, { scale: observed, lowest, highest });
      return { value, saved: { pass, x, observed, lowest, highest } };
    },
    (dy, { pass, x, observed, lowest, highest }) => {
      const { scale, degenerate } = usable(tf, observed);
      const straightThrough = tf.cast(pass, 'float32');
      const quotient = tf.div(x, scale);
      // Recomputed, because a saved code would be another float tensor of the size of x.
      const code = clamp(tf, tf.round(quotient), lowest, highest);
      const slope = tf.sub(code, tf.mul(straightThrough, quotient));
      const scaleGradient = sumTo(tf, tf.mul(dy, slope), scale);
      return { x: tf.mul(dy, straightThrough), observed: tf.where(degenerate, tf.zerosLike(scale), scaleGradient) };
    },
  );
}

function symmetricGrid(tf: Tf, range: Range, bits: Scalar, powerOfTwo: boolean): Grid {
  const levels = levelCount(tf, bits);
  const extreme = tf.maximum(tf.abs(range.min), tf.abs(range.max));
  return {
    scale: scaleOf(tf, tf.div(extreme, tf.div(tf.sub(levels, 1), 2)), powerOfTwo),
    lowest: tf.div(levels, -2),
    highest: tf.sub(tf.div(levels, 2), 1),
  };
}

/**
 * scale = (max - min) / (2^b - 1), zero point = -round(min / scale), codes from 0 to 2^b - 1. The range is not widened to contain 0, so
 * the zero point may lie outside the codes.
 */
function quantizeAsymmetric(tf: Tf, x: Tensor, range: Range, bits: Scalar, powerOfTwo: boolean): Tensor {
  const highest = tf.sub(levelCount(tf, bits), 1);
  const observed = scaleOf(tf, tf.div(tf.sub(range.max, range.min), highest), powerOfTwo);
  const zeroPoint = zeroPointOf(tf, range.min, observed);
  return customGradient(
    tf,
    { x, observed, zeroPoint },
    ({ x, observed, zeroPoint }) => {
      // Codes without their zero point, which would be added to each element and subtracted again.
      const [lowest, uppermost] = [tf.neg(zeroPoint), tf.sub(highest, zeroPoint)];
      const { value, pass } = roundToGrid(tf, x, { scale: observed, lowest, highest: uppermost });
      return { value, saved: { pass, x, observed, zeroPoint, highest } };
    },
    (dy, { pass, x, observed, zeroPoint, highest }) => {
      const { scale, degenerate } = usable(tf, observed);
      const straightThrough = tf.cast(pass, 'float32');
      const quotient = tf.div(x, scale);
      const code = clamp(tf, tf.add(tf.round(quotient), zeroPoint), 0, highest);
      const slope = tf.sub(tf.sub(code, zeroPoint), tf.mul(straightThrough, quotient));
      const none = tf.zerosLike(scale);
      const scaleGradient = sumTo(tf, tf.mul(dy, slope), scale);
      const zeroPointGradient = tf.mul(sumTo(tf, tf.mul(dy, tf.sub(straightThrough, 1)), scale), scale);
      return {
        x: tf.mul(dy, straightThrough),
        observed: tf.where(degenerate, none, scaleGradient),
        zeroPoint: tf.where(degenerate, none, zeroPointGradient),
      };
    },
  );
}

function asymmetricGrid(tf: Tf, range: Range, bits: Scalar, powerOfTwo: boolean): Grid {
  const codes = tf.sub(levelCount(tf, bits), 1);
  const scale = scaleOf(tf, tf.div(tf.sub(range.max, range.min), codes), powerOfTwo);
  const lowest = tf.round(tf.div(range.min, usable(tf, scale).scale));
  return { scale, lowest, highest: tf.add(lowest, codes) };
}

/** Multiples of the scale, from lowest to highest, that values are rounded to. */
interface Grid {
  readonly scale: Tensor;
  readonly lowest: Tensor;
  readonly highest: Tensor;
}

/** The identity inside the grid, constant outside: the function that the straight-through estimator differentiates. */
function clip(tf: Tf, x: Tensor, grid: Grid): Tensor {
  const { scale, degenerate } = usable(tf, grid.scale);
  const clipped = tf.maximum(
    tf.minimum(x, tf.mul(tf.add(grid.highest, 0.5), scale)),
    tf.mul(tf.sub(grid.lowest, 0.5), scale),
  );
  return tf.where(degenerate, x, clipped);
}

/** The scale, or the next power of two; 0 for an empty range. */
function scaleOf(tf: Tf, exact: Tensor, powerOfTwo: boolean): Tensor {
  if (!powerOfTwo) return exact;
  return customGradient(
    tf,
    { exact },
    ({ exact }) => {
      const rounded = tf.where(tf.equal(exact, 0), exact, powerOfTwoAtLeast(tf, exact));
      return { value: rounded, saved: { exact, rounded } };
    },
    (dy, { exact, rounded }) => ({ exact: tf.mul(dy, tf.div(rounded, nonZero(tf, exact))) }),
  );
}

/**
 * A scale that is safe to divide by. If an entry is zero, as for a channel of zeros, the whole tensor passes through unquantized and the
 * scale is 1, so that neither the forward nor the backward pass divides by zero.
 */
function usable(tf: Tf, scale: Tensor): { readonly scale: Tensor; readonly degenerate: Tensor } {
  const degenerate = tf.any(tf.equal(scale, 0));
  return { scale: tf.where(degenerate, tf.onesLike(scale), scale), degenerate };
}

/**
 * x rounded to the multiples of a grid, and where the gradient passes: where the rounded code was in range, including the bounds. A
 * degenerate grid leaves x unquantized. Each operation reads or writes a tensor of the size of x, so there are as few as possible.
 */
function roundToGrid(
  tf: Tf,
  x: Tensor,
  { scale: observed, lowest, highest }: Grid,
): { readonly value: Tensor; readonly pass: Tensor } {
  const { scale: nonZeroScale, degenerate } = usable(tf, observed);
  const scale = tf.where(degenerate, tf.fill(nonZeroScale.shape, FINEST), nonZeroScale);
  const rounded = tf.round(tf.div(x, scale));
  const code = clamp(
    tf,
    rounded,
    tf.where(degenerate, Number.NEGATIVE_INFINITY, lowest),
    tf.where(degenerate, Number.POSITIVE_INFINITY, highest),
  );
  return { value: tf.mul(code, scale), pass: tf.equal(rounded, code) };
}

/**
 * A scale that keeps every float32 of at least 2^-27 in magnitude as it is: rounding to its multiples changes nothing. Products of two such
 * scales, and of such codes, are numbers of float32 too (a bfloat16 graph multiplies codes).
 */
const FINEST = 2 ** -50;

/** -round(min / scale); gradient passes as if it were not rounded. */
function zeroPointOf(tf: Tf, min: Tensor, observed: Tensor): Tensor {
  return customGradient(
    tf,
    { min, observed },
    ({ min, observed }) => ({
      value: tf.neg(tf.round(tf.div(min, usable(tf, observed).scale))),
      saved: { min, observed },
    }),
    (dy, { min, observed }) => {
      const { scale } = usable(tf, observed);
      return { min: tf.neg(tf.div(dy, scale)), observed: tf.div(tf.mul(dy, min), tf.square(scale)) };
    },
  );
}
