import assert from 'node:assert/strict';
import { quantizing } from '../train/site-hooks.js';
import { assertClose, assertCompiles, assertNothingLeaked, assertReadsNothing } from './assertions.js';
import {
  columns,
  gradientsOf,
  liveRange,
  movedTensors,
  trainedTensors,
  quantize,
  widthsOf,
  type QuantizerLaw,
} from './quantizer-subject.js';
import { normal, scattered, sweeps } from './samples.js';

/** Levels closer than this, relative to the largest, count as one: in floating point, x + (level - x) differs slightly from the level. */
const NOISE = 1e-6;
/** A sweep has four values per level, up to this many in total; with more levels, extra ones are not detected. */
const MOST_POINTS = 4096;

/** Laws of the values of every quantizer. */
export const QUANTIZER_LAWS: readonly QuantizerLaw[] = Object.freeze<QuantizerLaw[]>([
  {
    name: 'it has at most 2^b levels for each scale',
    check(subject) {
      for (const bits of widthsOf(subject.extra)) {
        const points = Math.min(MOST_POINTS, 4 * 2 ** bits + 1);
        for (const { title, x, range } of sweeps(subject.engine.tf, subject.made.granularity, points)) {
          const quantized = quantize(subject, x, range, bits);
          const scales = subject.made.granularity === 'channel' ? columns(quantized) : [quantized.dataSync()];
          for (const values of scales) {
            const levels = levelCount(values);
            assert.ok(
              levels <= 2 ** bits,
              `${levels} levels at ${bits} bits (${title}); expected at most ${2 ** bits}`,
            );
          }
        }
      }
    },
  },
  {
    name: 'its codes are integers within 2^b levels, and give the quantized values',
    check: (subject) =>
      eachSample(subject, ({ title, x, range }, bits) => {
        const { tf } = subject.engine;
        const { made } = subject;
        const width = tf.scalar(bits);
        for (const trained of [
          trainedTensors(subject, x),
          movedTensors(subject, x, 0.6),
          movedTensors(subject, x, 0.05),
        ]) {
          const coded = made.codes?.(x, range, width, trained);
          if (coded === undefined) return;
          const codes = coded.codes.dataSync();
          const where = `at ${bits} bits (${title})`;
          const fraction = codes.find((code) => !Number.isInteger(code));
          assert.equal(fraction, undefined, `a code is ${fraction} ${where}; expected integers`);
          const span = Math.max(...codes) - Math.min(...codes);
          assert.ok(span < 2 ** bits, `codes span ${span + 1} levels ${where}; expected at most ${2 ** bits}`);
          const values = tf.mul(tf.sub(coded.codes, coded.zeroPoint), coded.scale).dataSync();
          const expected = made.fakeQuantize(x, range, width, trained).dataSync();
          assertClose(values, expected, NOISE, `(codes - zeroPoint) * scale ${where}`);
        }
      }),
  },
  {
    name: 'it is idempotent',
    check: (subject) =>
      eachSample(subject, ({ title, x, range }, bits) => {
        const once = quantize(subject, x, range, bits);
        const twice = quantize(subject, once, range, bits, x);
        assertClose(twice.dataSync(), once.dataSync(), NOISE, `quantized twice at ${bits} bits (${title})`);
      }),
  },
  {
    name: 'it is monotone',
    check: (subject) =>
      eachSample(subject, ({ title, x, range }, bits) => {
        for (const values of columns(quantize(subject, x, range, bits))) {
          const noise = NOISE * largest(values);
          const at = values.findIndex((value, row) => row > 0 && !(value >= values[row - 1]! - noise));
          assert.equal(at, -1, `at ${bits} bits (${title}) ${values[at]} follows ${values[at - 1]} for a larger x`);
        }
      }),
  },
  {
    name: 'it keeps zero',
    check: (subject) =>
      eachSample(subject, ({ title, x, range }, bits) => {
        const { tf } = subject.engine;
        const zeros = quantize(subject, tf.zerosLike(x), range, bits, x).dataSync();
        assert.ok(
          zeros.every((value) => value === 0),
          `0 becomes ${zeros.find((value) => value !== 0)} at ${bits} bits (${title})`,
        );
      }),
  },
  {
    name: 'its error falls as bits rise',
    pending: (extra) => (widthsOf(extra).length < 2 ? 'the case has one bit width' : undefined),
    check(subject) {
      const { tf } = subject.engine;
      const widths = widthsOf(subject.extra);
      for (const { title, x, range } of sweeps(tf, subject.made.granularity, 257)) {
        const errors = widths.map(
          (bits) => tf.mean(tf.abs(tf.sub(quantize(subject, x, range, bits), x))).dataSync()[0]!,
        );
        const shown = widths.map((bits, index) => `${errors[index]!.toExponential(2)} at ${bits}`).join(', ');
        const falls = errors.every((error, index) => index === 0 || error <= errors[index - 1]! * (1 + 1e-5));
        assert.ok(falls && errors.at(-1)! < errors[0]!, `the mean errors are ${shown} bits (${title})`);
      }
    },
  },
  {
    name: 'a float operand is unchanged',
    check(subject) {
      const { engine, made, companions } = subject;
      const x = normal(engine.tf, [4, 3], 'float side');
      const operand = { quantizer: made, observer: companions.observer };
      const pins = { weights: new Map(), activations: new Map() };
      const range = () => liveRange(subject, x);
      const hooks = quantizing(engine.tf, { weights: operand, activations: operand, pins }, {}, range, () => x);
      assert.equal(hooks.weight('layer', x), x, 'a weight without a bit width is changed');
      assert.equal(hooks.output('site', x), x, 'an output without a bit width is changed');
    },
  },
  {
    name: 'it keeps shape and dtype',
    check(subject) {
      const { tf } = subject.engine;
      for (const shape of [[5], [4, 3], [3, 3, 2, 4]]) {
        const x = normal(tf, shape, 'shape');
        const quantized = quantize(subject, x, liveRange(subject, x), widthsOf(subject.extra)[0]);
        assert.deepEqual(quantized.shape, shape, `[${shape.join()}] becomes [${quantized.shape.join()}]`);
        assert.equal(quantized.dtype, 'float32', `float32 becomes ${quantized.dtype}`);
      }
    },
  },
  {
    name: 'it leaks no tensor',
    check: (subject) =>
      eachSample(subject, ({ x, range }, bits) => {
        const width = subject.engine.tf.scalar(bits);
        const operands = { x, ...range, bits: width };
        const trained = trainedTensors(subject, x);
        assertNothingLeaked(subject.engine, { ...operands, ...trained }, () => {
          subject.made.fakeQuantize(x, range, width, trained);
          subject.made.codes?.(x, range, width, trained);
          gradientsOf(subject, { x, dy: x, bits: width, range: () => range });
        });
      }),
  },
  {
    name: 'it reads no values on the host',
    check(subject) {
      const { tf } = subject.engine;
      const [sample] = scattered(tf, subject.made.granularity, 8);
      const bits = tf.scalar(widthsOf(subject.extra)[0]);
      const { x, range } = sample!; // there are two
      assertReadsNothing(tf, () => gradientsOf(subject, { x, dy: x, bits, range: () => range }));
    },
  },
  {
    name: 'compiled once for all bit widths, it agrees with eager execution',
    engine: 'tensorflow',
    check(subject) {
      const { engine, made, extra } = subject;
      for (const { x, range } of scattered(engine.tf, made.granularity, 64)) {
        const inputsAt = (bits: number) => ({ x, ...range, bits: engine.tf.scalar(bits) });
        const [first, ...others] = widthsOf(extra);
        const step = ({ x, min, max, bits }: ReturnType<typeof inputsAt>) => {
          const range = { min, max };
          const value = made.fakeQuantize(x, range, bits, trainedTensors(subject, x));
          const gradients = Object.entries(gradientsOf(subject, { x, dy: x, bits, range: () => range }));
          const reached = gradients.flatMap(([name, gradient]) =>
            gradient ? [[`gradient of ${name}`, gradient]] : [],
          );
          return { value, ...Object.fromEntries(reached) };
        };
        assertCompiles(engine, step, [inputsAt(first), ...others.map(inputsAt)], NOISE);
      }
    },
  },
]);

function eachSample(
  subject: Parameters<QuantizerLaw['check']>[0],
  check: (sample: ReturnType<typeof sweeps>[number], bits: number) => void,
): void {
  for (const bits of widthsOf(subject.extra))
    for (const sample of sweeps(subject.engine.tf, subject.made.granularity, 129)) check(sample, bits);
}

function levelCount(values: ArrayLike<number>): number {
  const noise = NOISE * largest(values);
  const sorted = Array.from(values).sort((a, b) => a - b);
  return sorted.filter((value, index) => index === 0 || value - sorted[index - 1]! > noise).length;
}

function largest(values: ArrayLike<number>): number {
  let size = 0;
  for (let i = 0; i < values.length; i++) size = Math.max(size, Math.abs(values[i]!));
  return size;
}
