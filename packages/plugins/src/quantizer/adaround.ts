import {
  clamp,
  codesOf,
  customGradient,
  definePlugin,
  levelCount,
  nonZero,
  sumTo,
  within,
  type Quantizer,
  type Range,
  type Tf,
} from '@ssql/core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { GRANULARITY } from './granularity.js';

/** The rectified sigmoid ranges from gamma to zeta before it is clipped, equation 23. */
const ZETA = 1.1;
const GAMMA = -0.1;

/** Learns whether to round each weight up or down. */
export const adaround = definePlugin({
  kind: 'quantizer',
  name: 'adaround',
  summary:
    'Adaptive rounding: training decides whether a weight is rounded up or down. Outputs are rounded to the nearest level.',
  paper: 'https://arxiv.org/abs/2004.10568',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      symmetric: {
        description: 'true: levels on both sides of zero. false: levels from the minimum to the maximum.',
        type: 'boolean',
        default: true,
      },
      granularity: { ...GRANULARITY, default: 'channel' },
      rounding: {
        description:
          'hard: up or down, with the gradient of the soft rounding. soft: the soft rounding of the paper, in between.',
        enum: ['hard', 'soft'],
        default: 'hard',
      },
    },
  },
  /**
   * w^ = s clip(floor(w / s) + h(V), n, p), equation 22, where h(V) = clip(sigmoid(V) (zeta - gamma) + gamma, 0, 1); hard: 1 where V >= 0.
   *
   * The V that rounds to nearest, h(V) = w / s - floor(w / s), depends on the bit width. So a number is trained that is added to it: `tilt`,
   * one for each weight, which starts as 0 and serves every width. Weights get the straight-through gradient, the tilt the gradient
   * of the soft rounding. The paper's layer-by-layer reconstruction, with frozen weights and a penalty that hardens h, is not included.
   */
  create: ({ symmetric, granularity, rounding }, { tf }): Quantizer => ({
    granularity,
    trainables: (shape, operand) => (operand === 'weights' ? { tilt: { shape, initial: 0 } } : {}),
    fakeQuantize(x, range, bits, trained = {}) {
      const grid = gridOf(tf, range, bits, symmetric);
      return round(tf, x, trained['tilt'] ?? tf.zerosLike(x), grid, rounding === 'soft');
    },
    surrogate(x, range, bits) {
      const { scale, lowest, highest } = gridOf(tf, range, bits, symmetric);
      const reach = rounding === 'soft' ? 0 : 0.5; // values that round to the outermost codes
      return clamp(tf, x, tf.mul(tf.sub(lowest, reach), scale), tf.mul(tf.add(highest, reach), scale));
    },
  }),
});

/** Multiples of the scale, from lowest to highest, that values are rounded to. */
interface Grid {
  readonly scale: Tensor;
  readonly lowest: Tensor;
  readonly highest: Tensor;
}

/** The grid of a range at `bits`. */
export function gridOf(tf: Tf, { min, max }: Range, bits: Scalar, symmetric: boolean): Grid {
  const codes = tf.sub(levelCount(tf, bits), 1);
  if (symmetric) {
    const extreme = tf.maximum(tf.abs(min), tf.abs(max));
    return { scale: nonZero(tf, tf.div(extreme, tf.div(codes, 2))), ...codesOf(tf, bits, true) };
  }
  const scale = nonZero(tf, tf.div(tf.sub(max, min), codes));
  const lowest = tf.round(tf.div(min, scale));
  return { scale, lowest, highest: tf.add(lowest, codes) };
}

function round(tf: Tf, x: Tensor, tilt: Tensor, { scale, lowest, highest }: Grid, soft: boolean): Tensor {
  /** Quotients, V, h(V) before clipping, and codes before clipping. */
  const parts = (x: Tensor, tilt: Tensor, scale: Tensor) => {
    const quotient = tf.div(x, scale);
    const floor = tf.floor(quotient);
    const variable = tf.add(nearest(tf, tf.sub(quotient, floor)), tilt);
    const softly = tf.add(tf.mul(tf.sigmoid(variable), ZETA - GAMMA), GAMMA);
    const hardly = tf.cast(tf.greaterEqual(variable, 0), 'float32');
    const unclipped = tf.add(floor, soft ? tf.clipByValue(softly, 0, 1) : hardly);
    return { quotient, variable, softly, unclipped };
  };
  return customGradient(
    tf,
    { x, tilt, scale },
    ({ x, tilt, scale }) => {
      const { unclipped } = parts(x, tilt, scale);
      return {
        value: tf.mul(clamp(tf, unclipped, lowest, highest), scale),
        saved: { x, tilt, scale, lowest, highest },
      };
    },
    (dy, { x, tilt, scale, lowest, highest }) => {
      const { quotient, variable, softly, unclipped } = parts(x, tilt, scale);
      const inside = within(tf, unclipped, lowest, highest);
      const code = clamp(tf, unclipped, lowest, highest);
      const sigmoid = tf.sigmoid(variable);
      const slope = tf.mul(tf.mul(sigmoid, tf.sub(1, sigmoid)), ZETA - GAMMA);
      const ofTilt = tf.mul(tf.mul(slope, within(tf, softly, 0, 1)), tf.mul(inside, scale));
      return {
        x: tf.mul(dy, inside),
        tilt: tf.mul(dy, ofTilt),
        scale: sumTo(tf, tf.mul(dy, tf.sub(code, tf.mul(inside, quotient))), scale),
      };
    },
  );
}

/** The V with h(V) = remainder, for a remainder in [0,1). */
function nearest(tf: Tf, remainder: Tensor): Tensor {
  return tf.neg(tf.log(tf.sub(tf.div(ZETA - GAMMA, tf.sub(remainder, GAMMA)), 1)));
}
