import { definePlugin, stopGradient, type Quantizer, type Tf } from '@ssql/core';
import { QuantizerTester } from '@ssql/core/testing';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { testBreaks } from './breaks.js';

const NONE = { type: 'object', additionalProperties: false, properties: {} } as const;

const LEVELS = 'it has at most 2^b levels for each scale';
const GRADIENT = 'its gradient is that of its surrogate';
const EFFECT = 'the gradient of each tensor that it trains has the direction of its effect';
const CODES = 'its codes are integers within 2^b levels, and give the quantized values';
const COMPILED = 'compiled once for all bit widths, it agrees with eager execution';

/** Differences from a correct quantizer. */
interface Flaw {
  /** The largest code for a number of levels; half the levels minus 1 is correct. */
  readonly largest?: (tf: Tf, levels: Tensor) => Tensor;
  readonly bits?: (tf: Tf, bits: Scalar) => Tensor;
  /** A level, in units of the scale, of a quotient. */
  readonly round?: (tf: Tf, quotient: Tensor) => Tensor;
  readonly output?: (tf: Tf, output: Tensor, x: Tensor) => Tensor;
  /** Divides by zero if all values are 0. */
  readonly unguarded?: boolean;
  readonly gradient?: 'identity';
  readonly surrogate?: 'none';
  readonly codes?: (tf: Tf, codes: Tensor) => Tensor;
  readonly trainables?: NonNullable<Quantizer['trainables']>;
}

/** Whole multiples of a scale, symmetric about 0, with the gradient of the clip to its ends. */
function quantizer(flaw: Flaw = {}) {
  const { largest = (tf, levels) => tf.sub(tf.div(levels, 2), 1), bits: read = (_, bits) => bits } = flaw;
  const { round = (tf, quotient) => tf.round(quotient), output = (_, output) => output } = flaw;
  return definePlugin({
    kind: 'quantizer',
    name: 'flawed',
    summary: 'A quantizer with a flaw.',
    options: NONE,
    create(_, { tf }): Quantizer {
      const grid = (range: { readonly min: Tensor; readonly max: Tensor }, bits: Scalar) => {
        const end = largest(tf, tf.round(tf.pow(2, read(tf, bits))));
        const scale = tf.div(tf.maximum(tf.abs(range.min), tf.abs(range.max)), end);
        const guarded = tf.where(tf.equal(scale, 0), tf.onesLike(scale), scale);
        return { end, scale: flaw.unguarded ? scale : guarded };
      };
      const clip: NonNullable<Quantizer['surrogate']> = (x, range, bits) => {
        const { end, scale } = grid(range, bits);
        return within(tf, x, tf.mul(end, scale));
      };
      return {
        granularity: 'channel',
        ...(flaw.trainables ? { trainables: flaw.trainables } : {}),
        ...(flaw.surrogate === 'none' ? {} : { surrogate: clip }),
        ...(flaw.codes && {
          codes(x, range, bits) {
            const { end, scale } = grid(range, bits);
            const codes = flaw.codes!(tf, tf.round(within(tf, tf.div(x, scale), end)));
            return { codes, scale, zeroPoint: tf.zerosLike(scale) };
          },
        }),
        fakeQuantize(x, range, bits) {
          const { end, scale } = grid(range, bits);
          const code = round(tf, within(tf, tf.div(x, scale), end));
          const passed = flaw.gradient === 'identity' ? x : clip(x, range, bits);
          return output(tf, tf.add(passed, stopGradient(tf.sub(tf.mul(code, scale), passed))), x);
        },
      };
    },
  });
}

describe('QuantizerTester', () => {
  testBreaks(
    QuantizerTester,
    [
      { title: 'passes a correct quantizer', plugin: quantizer(), breaks: [] },
      {
        title: 'passes a quantizer that trains its clipping value',
        plugin: clipping(upTo),
        breaks: [],
      },
      {
        title: 'detects an extra level',
        plugin: quantizer({ largest: (tf, levels) => tf.div(levels, 2) }),
        breaks: [LEVELS],
      },
      { title: 'passes correct codes', plugin: quantizer({ codes: (_, codes) => codes }), breaks: [] },
      {
        title: 'detects codes without their zero point',
        plugin: quantizer({ codes: (tf, codes) => tf.add(codes, 2) }),
        breaks: [CODES],
      },
      {
        title: 'detects codes that are not rounded',
        plugin: quantizer({ codes: (tf, codes) => tf.mul(codes, 1.001) }),
        breaks: [CODES],
      },
      {
        title: 'detects codes of a tensor as it was before training',
        plugin: clipping(upTo, upTo, (tf, alpha) => tf.onesLike(alpha)),
        breaks: [CODES],
      },
      {
        title: 'detects levels that are not mapped to themselves',
        plugin: quantizer({
          largest: (tf, levels) => tf.sub(tf.div(levels, 2), 1),
          round: (tf, quotient) => tf.add(tf.round(quotient), tf.mul(0.6, tf.sign(tf.round(quotient)))),
        }),
        breaks: ['it is idempotent'],
      },
      {
        title: 'detects a larger value with a lower level',
        plugin: quantizer({
          round(tf, quotient) {
            const fraction = tf.sub(quotient, tf.floor(quotient));
            const odd = tf.logicalAnd(tf.greater(fraction, 0.1), tf.less(fraction, 0.3));
            return tf.where(odd, tf.ceil(quotient), tf.round(quotient));
          },
        }),
        breaks: ['it is monotone'],
      },
      {
        title: 'detects that zero changes',
        plugin: quantizer({ round: (tf, quotient) => tf.sub(tf.ceil(tf.sub(quotient, 1e-3)), 0.25) }),
        breaks: ['it keeps zero'],
      },
      {
        title: 'detects unused bits',
        plugin: quantizer({ bits: (tf, bits) => tf.minimum(bits, 2) }),
        breaks: ['its error falls as bits rise'],
      },
      {
        title: 'detects a gradient that passes beyond the ends',
        plugin: quantizer({ gradient: 'identity' }),
        breaks: [GRADIENT],
      },
      {
        title: 'detects an undeclared clip',
        plugin: quantizer({ surrogate: 'none' }),
        breaks: [GRADIENT],
      },
      {
        title: 'detects a scaled gradient',
        plugin: quantizer({ output: (tf, output, x) => tf.add(output, tf.mul(0.05, tf.sub(x, stopGradient(x)))) }),
        breaks: [GRADIENT],
      },
      {
        title: 'detects a division by zero',
        plugin: quantizer({ unguarded: true }),
        breaks: ['it is finite on constant and on zero input'],
      },
      {
        title: 'detects a changed shape',
        plugin: quantizer({ output: (tf, output) => (output.rank === 1 ? tf.expandDims(output) : output) }),
        breaks: ['it keeps shape and dtype'],
      },
      {
        title: 'detects a leaked tensor',
        plugin: quantizer({ output: (tf, output) => (tf.keep(tf.clone(output)), output) }),
        breaks: ['it leaks no tensor'],
      },
      {
        title: 'detects bits read on the host',
        plugin: quantizer({ bits: (tf, bits) => tf.scalar(bits.dataSync()[0]!) }),
        breaks: ['it reads no values on the host', COMPILED],
      },
      {
        title: 'detects a trained tensor that nothing depends on',
        plugin: quantizer({ trainables: () => ({ idle: { shape: [], initial: 1 } }) }),
        breaks: ['every tensor that it trains gets a finite gradient', EFFECT],
      },
      {
        title: 'detects a flipped sign in the gradient of a trained end',
        plugin: clipping((tf, x, alpha) => upTo(tf, x, tf.sub(tf.mul(2, stopGradient(alpha)), alpha))),
        breaks: [EFFECT],
      },
      {
        title: 'detects a gradient of a trained end that counts the values below it',
        plugin: clipping((tf, x, alpha) => {
          const below = tf.cast(tf.less(x, alpha), 'float32');
          return tf.add(upTo(tf, x, stopGradient(alpha)), tf.mul(below, tf.sub(alpha, stopGradient(alpha))));
        }),
        breaks: [EFFECT],
      },
      {
        title: 'detects a gradient of x that is only right before training',
        plugin: clipping(
          (tf, x, alpha) => upTo(tf, x, alpha),
          (tf, x, alpha) => upTo(tf, x, tf.onesLike(alpha)),
        ),
        breaks: [GRADIENT],
      },
      {
        title: 'detects a trained tensor without a finite gradient',
        plugin: clipping((tf, x, alpha) =>
          tf.add(upTo(tf, x, alpha), tf.mul(0, tf.sqrt(tf.sub(alpha, stopGradient(alpha))))),
        ),
        breaks: [
          'every tensor that it trains gets a finite gradient',
          'it is finite on constant and on zero input',
          EFFECT,
        ],
      },
    ],
    { valid: [{ options: {}, bits: [2, 3, 6] }], invalid: [] },
    ['a float operand is unchanged'],
  );
});

/** x clipped to +-reach. Uses relu, because tfjs has no gradient of `minimum` where an operand is broadcast. */
function within(tf: Tf, x: Tensor, reach: Tensor): Tensor {
  return tf.sub(upTo(tf, tf.add(x, reach), tf.mul(2, reach)), reach);
}

/** x clipped to 0 and a limit. */
function upTo(tf: Tf, x: Tensor, limit: Tensor): Tensor {
  return tf.sub(tf.relu(x), tf.relu(tf.sub(x, limit)));
}

type Clip = (tf: Tf, x: Tensor, alpha: Tensor) => Tensor;

/** PACT (arXiv 1805.06085): levels from 0 to a trained alpha. */
function clipping(clip: Clip, declared: Clip = clip, coded: (tf: Tf, alpha: Tensor) => Tensor = (_, alpha) => alpha) {
  return definePlugin({
    kind: 'quantizer',
    name: 'clipping',
    summary: 'Levels from zero to a trained end.',
    options: NONE,
    create: (_, { tf }): Quantizer => ({
      granularity: 'tensor',
      trainables: () => ({ alpha: { shape: [], initial: 1 } }),
      codes(x, _range, bits, trained) {
        const alpha = coded(tf, trained!['alpha']!);
        const scale = tf.div(alpha, tf.sub(tf.round(tf.pow(2, bits)), 1));
        return { codes: tf.round(tf.div(upTo(tf, x, alpha), scale)), scale, zeroPoint: tf.zerosLike(scale) };
      },
      surrogate: (x, _range, _bits, trained) => declared(tf, x, trained!['alpha']!),
      fakeQuantize(x, _range, bits, trained) {
        const alpha = trained!['alpha']!;
        const clipped = clip(tf, x, alpha);
        const scale = tf.div(alpha, tf.sub(tf.round(tf.pow(2, bits)), 1));
        return tf.add(clipped, stopGradient(tf.sub(tf.mul(tf.round(tf.div(clipped, scale)), scale), clipped)));
      },
    }),
  });
}
