import { clamp, codesOf, customGradient, definePlugin, sumTo, within, type Quantizer, type Tf } from '@ssql/core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { GRANULARITY, ofChannels, scaleShape } from './granularity.js';

const LEAST_STEP = 1e-6;

/** A step and an offset, trained with the weights. */
export const lsqPlus = definePlugin({
  kind: 'quantizer',
  name: 'lsq-plus',
  summary: 'LSQ+: evenly spaced levels. Their extent and, for activations, their offset are trained with the weights.',
  paper: 'https://arxiv.org/abs/2004.09576',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      symmetric: {
        description:
          'true: levels on both sides of zero, as the paper uses for weights. false: levels from a trained offset up.',
        type: 'boolean',
        default: true,
      },
      granularity: { ...GRANULARITY, default: 'channel' },
    },
  },
  /**
   * x^ = s clip(round((x - beta) / s), n, p) + beta, equations 1, 2 and 6; symmetric: beta = 0, equation 4. The extent r of the levels is
   * trained. Each width derives its step from it: symmetric, s = r / 2^(b-1) with n = -2^(b-1) and p = 2^(b-1) - 1; otherwise
   * s = r / (2^b - 1) with n = 0 and p = 2^b - 1. r starts as max(|mean - 3 std|, |mean + 3 std|), equation 10, or as max - min, and beta
   * as the minimum. (The paper then fits s and beta to the least squared error at the single width that it trains.)
   *
   * Gradients are those of equations 3 and 7, times LSQ's 1 / sqrt(N p). The gradient of r is that of s, scaled so that a step of
   * gradient descent moves s as it would if only the drawn width were trained.
   */
  create: ({ symmetric, granularity }, { tf }): Quantizer => ({
    granularity,
    trainables(shape) {
      const trainedShape = scaleShape(shape, granularity);
      const min = (x: Tensor): Tensor => ofChannels(tf, x, granularity, (rows) => tf.min(rows, 0));
      const max = (x: Tensor): Tensor => ofChannels(tf, x, granularity, (rows) => tf.max(rows, 0));
      if (symmetric)
        return { extent: { shape: trainedShape, initial: (x) => ofChannels(tf, x, granularity, threeSigma(tf)) } };
      return {
        extent: { shape: trainedShape, initial: (x) => tf.sub(max(x), min(x)) },
        offset: { shape: trainedShape, initial: min },
      };
    },
    fakeQuantize: (x, _range, bits, trained) => quantize(tf, x, trainedOf(tf, trained), bits, symmetric),
    surrogate(x, _range, bits, trained) {
      const { extent, offset } = trainedOf(tf, trained);
      const { lowest, highest } = codesOf(tf, bits, symmetric);
      const step = stepOf(tf, extent, lowest, highest);
      return clamp(tf, x, tf.add(tf.mul(lowest, step), offset), tf.add(tf.mul(highest, step), offset));
    },
    codes(x, _range, bits, trained) {
      const { extent, offset } = trainedOf(tf, trained);
      const { lowest, highest } = codesOf(tf, bits, symmetric);
      const scale = stepOf(tf, extent, lowest, highest);
      const codes = clamp(tf, tf.round(tf.div(tf.sub(x, offset), scale)), lowest, highest);
      return { codes, scale, zeroPoint: tf.neg(tf.div(offset, scale)) };
    },
  }),
});

interface Trained {
  readonly extent: Tensor;
  readonly offset: Tensor;
}

/** What is trained; a symmetric one has no offset. */
function trainedOf(tf: Tf, parameters: { readonly [name: string]: Tensor } = {}): Trained {
  const extent = parameters['extent']!; // `trainables` names one
  return { extent, offset: parameters['offset'] ?? tf.zerosLike(extent) };
}

function threeSigma(tf: Tf): (rows: Tensor) => Tensor {
  return (rows) => {
    const { mean, variance } = tf.moments(rows, 0);
    return tf.add(tf.abs(mean), tf.mul(tf.sqrt(variance), 3));
  };
}

/** Number of steps in the extent: 2^(b-1) for symmetric levels, 2^b - 1 otherwise. */
function stepsOf(tf: Tf, lowest: Tensor, highest: Tensor): Tensor {
  return tf.maximum(tf.neg(lowest), highest);
}

function stepOf(tf: Tf, extent: Tensor, lowest: Tensor, highest: Tensor): Tensor {
  return tf.maximum(tf.div(extent, stepsOf(tf, lowest, highest)), LEAST_STEP);
}

function quantize(tf: Tf, x: Tensor, { extent, offset }: Trained, bits: Scalar, symmetric: boolean): Tensor {
  const { lowest, highest } = codesOf(tf, bits, symmetric);
  return customGradient(
    tf,
    { x, extent, offset },
    ({ x, extent, offset }) => {
      const step = stepOf(tf, extent, lowest, highest);
      const code = clamp(tf, tf.round(tf.div(tf.sub(x, offset), step)), lowest, highest);
      return { value: tf.add(tf.mul(code, step), offset), saved: { x, step, offset, lowest, highest } };
    },
    (dy, { x, step, offset, lowest, highest }) => {
      const quotient = tf.div(tf.sub(x, offset), step);
      const inside = within(tf, quotient, lowest, highest);
      const code = clamp(tf, tf.round(quotient), lowest, highest);
      const g = tf.rsqrt(tf.mul(tf.maximum(highest, 1), x.size));
      const ofStep = sumTo(tf, tf.mul(dy, tf.sub(code, tf.mul(inside, quotient))), step);
      const ofOffset = sumTo(tf, tf.mul(dy, tf.sub(1, inside)), step);
      return {
        x: tf.mul(dy, inside),
        extent: tf.mul(ofStep, tf.mul(g, stepsOf(tf, lowest, highest))),
        offset: tf.mul(ofOffset, g),
      };
    },
  );
}
