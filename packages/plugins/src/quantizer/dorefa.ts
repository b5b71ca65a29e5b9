import {
  clamp,
  definePlugin,
  levelCount,
  nonZero,
  roundStraightThrough,
  type Quantizer,
  type Range,
  type Tf,
} from '@ssql/core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { GRANULARITY } from './granularity.js';

/** Evenly spaced levels between the ends of the range; on signed values, zero is not a level. */
export const dorefa = definePlugin({
  kind: 'quantizer',
  name: 'dorefa',
  summary: 'DoReFa: rounds the hyperbolic tangent of weights, or clipped activations, to 2^b evenly spaced levels.',
  paper: 'https://arxiv.org/abs/1606.06160',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      form: {
        description: 'The formula for weights, or the formula for activations.',
        enum: ['weights', 'activations'],
        default: 'weights',
      },
      signed: {
        description:
          'For activations. true: levels on both sides of zero. false: levels from zero up, for outputs of a ReLU.',
        type: 'boolean',
        default: false,
      },
      granularity: { ...GRANULARITY, default: 'tensor' },
    },
  },
  /**
   * Weights, equation 9: w^ = e (2 q(tanh(w) / 2 e + 1/2) - 1), where q rounds [0,1] to multiples of 1 / (2^b - 1) (equation 5) and e = max|tanh(w)|
   * of the observed range. The paper has no factor e, so that its weights reach 1; here weights keep their magnitude, because the float
   * and quantized branches share batch norms. Activations, equation 11: x^ = e q(clip(x / e, 0, 1)), where e is 1 in the paper and the
   * end of the observed range here.
   */
  create({ form, signed, granularity }, { tf }): Quantizer {
    const weights = form === 'weights';
    return {
      granularity,
      fakeQuantize(x, range, bits) {
        return fraction(tf, weights ? tf.tanh(x) : x, end(tf, range, { weights, signed }), bits, weights || signed);
      },
      surrogate(x, range) {
        const e = end(tf, range, { weights, signed });
        return clamp(tf, weights ? tf.tanh(x) : x, weights || signed ? tf.neg(e) : 0, e);
      },
      codes(x, range, bits) {
        const e = end(tf, range, { weights, signed });
        const steps = tf.sub(levelCount(tf, bits), 1);
        const codes = tf.round(tf.mul(unitOf(tf, weights ? tf.tanh(x) : x, e, weights || signed), steps));
        const zeroPoint = tf.fill(e.shape, 0);
        if (!weights && !signed) return { codes, scale: tf.div(e, steps), zeroPoint };
        return { codes, scale: tf.div(tf.mul(e, 2), steps), zeroPoint: tf.add(zeroPoint, tf.div(steps, 2)) };
      },
    };
  },
});

/** e: the largest magnitude of the quantized values, or the largest value. */
function end(tf: Tf, { min, max }: Range, { weights, signed }: { weights: boolean; signed: boolean }): Tensor {
  if (!weights && !signed) return tf.relu(max);
  const extreme = tf.maximum(tf.abs(min), tf.abs(max));
  return weights ? tf.tanh(extreme) : extreme;
}

/** e q(x / e), or e (2 q(x / 2 e + 1/2) - 1) if signed. If e is 0, the result is 0. */
function fraction(tf: Tf, x: Tensor, e: Tensor, bits: Scalar, signed: boolean): Tensor {
  const rounded = quantizeUnit(tf, unitOf(tf, x, e, signed), bits);
  return tf.mul(signed ? tf.sub(tf.mul(rounded, 2), 1) : rounded, e);
}

/** x / e, or x / 2 e + 1/2 if signed, clipped to [0,1]. */
function unitOf(tf: Tf, x: Tensor, e: Tensor, signed: boolean): Tensor {
  const divisor = nonZero(tf, e);
  const unit = signed ? tf.add(tf.div(x, tf.mul(divisor, 2)), 0.5) : tf.div(x, divisor);
  return tf.clipByValue(unit, 0, 1);
}

/** Equation 5: [0,1] to multiples of 1 / (2^b - 1). */
function quantizeUnit(tf: Tf, x: Tensor, bits: Scalar): Tensor {
  const steps = tf.sub(levelCount(tf, bits), 1);
  return tf.div(roundStraightThrough(tf, tf.mul(x, steps)), steps);
}
