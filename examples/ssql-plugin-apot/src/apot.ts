import {
  clamp,
  customGradient,
  definePlugin,
  nonZero,
  stopGradient,
  sumTo,
  within,
  type Quantizer,
  type Range,
  type Tf,
} from '@ssql/core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { levelTable, MOST_BITS, type LevelTable } from './levels.js';

type Trained = { readonly [name: string]: Tensor };

/**
 * Additive powers-of-two quantization (Li, Dong, Wang: arXiv 1909.13144), with base bit width k = 2 and the reparameterized clipping
 * function. The weight normalization of the paper's section 2.4 is omitted: it changes the layer, not the quantizer.
 */
export const apot = definePlugin({
  kind: 'quantizer',
  name: 'apot',
  summary:
    'Additive powers of two: levels are sums of powers of two, denser near zero; the clipping value can be learned.',
  paper: 'https://arxiv.org/abs/1909.13144',
  core: '^0.1.0',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      signed: {
        description:
          'true: levels on both sides of zero, with one bit for the sign. false: levels from zero up, for outputs of a ReLU; negative values become zero.',
        type: 'boolean',
        default: true,
      },
      granularity: {
        description: 'tensor: one clipping value for the tensor. channel: one for each channel of its last axis.',
        enum: ['tensor', 'channel'],
        default: 'channel',
      },
      clip: {
        description:
          'The clipping value. range: the largest magnitude of the observed range. learned: a trained multiple of it, which starts as 1.',
        enum: ['range', 'learned'],
        default: 'range',
      },
    },
  },
  create({ signed, granularity, clip }, { tf }): Quantizer {
    const table = levelTable();
    const clipping = (range: Range, trained: Trained = {}): Tensor => {
      const extreme = signed ? tf.maximum(tf.abs(range.min), tf.abs(range.max)) : tf.relu(range.max);
      const { factor } = trained;
      // Only the factor moves a learned clipping value, not the weight that happens to be the largest.
      return factor === undefined ? extreme : tf.mul(stopGradient(extreme), tf.abs(factor));
    };
    const quantizer: Quantizer = {
      granularity,
      fakeQuantize(x, range, bits, trained) {
        const magnitudeBits = tf.minimum(signed ? tf.sub(bits, 1) : bits, MOST_BITS);
        return project(tf, x, clipping(range, trained), magnitudeBits as Scalar, { table, signed });
      },
      surrogate(x, range, _bits, trained) {
        const alpha = clipping(range, trained);
        return clamp(tf, x, signed ? tf.neg(alpha) : 0, alpha);
      },
    };
    if (clip === 'range') return quantizer;
    return {
      ...quantizer,
      trainables: (shape) => ({ factor: { shape: granularity === 'channel' ? shape.slice(-1) : [], initial: 1 } }),
    };
  },
});

/**
 * alpha times the level nearest to x / alpha, clipped to [-1, 1] (equation 6), or to [0, 1]. The gradient of x is 1 if x was not clipped. The
 * gradient of alpha is the sign of x if x was clipped, and level - x / alpha otherwise (equation 7).
 */
function project(
  tf: Tf,
  x: Tensor,
  alpha: Tensor,
  magnitudeBits: Scalar,
  { table, signed }: { readonly table: LevelTable; readonly signed: boolean },
): Tensor {
  return customGradient(
    tf,
    { x, alpha },
    ({ x, alpha }) => {
      const value = tf.mul(nearestLevel(tf, ratioOf(tf, x, alpha, signed), magnitudeBits, table), alpha);
      return { value, saved: { x, alpha, value } };
    },
    (dy, { x, alpha, value }) => {
      const inside = within(tf, x, signed ? tf.neg(alpha) : 0, alpha);
      const divisor = nonZero(tf, alpha);
      // If x was clipped, value / alpha is the sign; at the lower end of unsigned levels it is 0.
      const slope = tf.sub(tf.div(value, divisor), tf.mul(inside, tf.div(x, divisor)));
      return { x: tf.mul(dy, inside), alpha: sumTo(tf, tf.mul(dy, slope), alpha) };
    },
  );
}

/** x / alpha, clipped to [-1, 1] or [0, 1]; 0 if alpha is 0. */
function ratioOf(tf: Tf, x: Tensor, alpha: Tensor, signed: boolean): Tensor {
  return tf.clipByValue(tf.div(x, nonZero(tf, alpha)), signed ? -1 : 0, 1);
}

/** The level nearest to each ratio; the midpoint between two levels rounds to the larger level. */
function nearestLevel(tf: Tf, ratio: Tensor, magnitudeBits: Scalar, { nearest, offsets, cells }: LevelTable): Tensor {
  const at = tf.reshape(tf.cast(tf.round(magnitudeBits), 'int32'), [1]);
  const pick = (numbers: readonly number[]): Tensor => tf.gatherND(tf.tensor1d([...numbers], 'float32'), at);
  const count = pick(cells);
  const cell = tf.minimum(tf.floor(tf.mul(tf.abs(ratio), count)), tf.sub(count, 1));
  const index = tf.cast(tf.add(cell, pick(offsets)), 'int32');
  const level = tf.gatherND(tf.tensor1d(nearest), tf.reshape(index, [...ratio.shape, 1]));
  return tf.mul(tf.sign(ratio), level);
}
