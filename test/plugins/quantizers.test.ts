import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { random, type Quantizer } from '@ssql/core';
import { adaround } from '../../packages/plugins/src/quantizer/adaround.js';
import { binary } from '../../packages/plugins/src/quantizer/binary.js';
import { dorefa } from '../../packages/plugins/src/quantizer/dorefa.js';
import { lsq } from '../../packages/plugins/src/quantizer/lsq.js';
import { lsqPlus } from '../../packages/plugins/src/quantizer/lsq-plus.js';
import { pact } from '../../packages/plugins/src/quantizer/pact.js';
import { uniform } from '../../packages/plugins/src/quantizer/uniform.js';
import { itIsOfficial, onTfjs } from '../parity/it-is-official.js';
import { quantizerCases } from '../parity/quantizers.js';
import { onCpu } from './context.js';
import { make } from './make-plugin.js';

const VALUES = Array.from(
  { length: 60 },
  (
    (source) => () =>
      1.3 * source.normal()
  )(random(1, 'quantizers')),
);
const UPSTREAM = VALUES.map((_, i) => Math.cos(i));

describe('quantizers', () => {
  onCpu();

  itIsOfficial('c_quantizers.json', quantizerCases, () => onTfjs);

  it('lsq begins at every width with the step of the paper, and descent on its magnitude is descent on the step', async () => {
    for (const signed of [true, false]) {
      const quantizer = await make(lsq, { signed, granularity: 'tensor' });
      const magnitude = mean(VALUES.map(Math.abs));
      near([begins(quantizer)['magnitude']!], [magnitude]);
      for (const bits of [2, 3, 4, 6]) {
        const [lowest, highest] = signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
        const step = (2 * magnitude) / Math.sqrt(highest);
        const code = (x: number): number => clip(Math.round(x / step), lowest, highest);
        const inside = (x: number): boolean => x / step >= lowest && x / step <= highest;
        const { value, gradients } = run(quantizer, bits);
        near(
          value,
          VALUES.map((x) => code(x) * step),
        );
        near(
          gradients['x']!,
          VALUES.map((x, i) => (inside(x) ? UPSTREAM[i]! : 0)),
        );
        const ofStep = sum(VALUES.map((x, i) => UPSTREAM[i]! * (code(x) - (inside(x) ? x / step : 0))));
        const stepPerMagnitude = 2 / Math.sqrt(highest);
        near([gradients['magnitude']![0]! * stepPerMagnitude], [ofStep / Math.sqrt(VALUES.length * highest)]);
      }
    }
  });

  it('lsq-plus has an extent and an offset, with the gradients of the paper', async () => {
    const quantizer = await make(lsqPlus, { symmetric: false, granularity: 'tensor' });
    const [low, high] = [Math.min(...VALUES), Math.max(...VALUES)];
    near(Object.values(begins(quantizer)), [high - low, low]);
    const [extent, offset] = [3, -1.1];
    for (const bits of [2, 4]) {
      const codes = 2 ** bits - 1;
      const step = extent / codes;
      const quotient = (x: number): number => (x - offset) / step;
      const code = (x: number): number => clip(Math.round(quotient(x)), 0, codes);
      const inside = (x: number): boolean => quotient(x) >= 0 && quotient(x) <= codes;
      const { value, gradients } = run(quantizer, bits, { extent, offset });
      near(
        value,
        VALUES.map((x) => code(x) * step + offset),
      );
      const g = 1 / Math.sqrt(VALUES.length * codes);
      const ofStep = sum(VALUES.map((x, i) => UPSTREAM[i]! * (code(x) - (inside(x) ? quotient(x) : 0))));
      near([gradients['extent']![0]! / codes], [g * ofStep]);
      near([gradients['offset']![0]!], [g * sum(VALUES.map((x, i) => (inside(x) ? 0 : UPSTREAM[i]!)))]);
    }
    const symmetric = await make(lsqPlus, { granularity: 'tensor' });
    const deviation = Math.sqrt(mean(VALUES.map((x) => (x - mean(VALUES)) ** 2)));
    near([begins(symmetric)['extent']!], [Math.abs(mean(VALUES)) + 3 * deviation]);
    near(
      run(symmetric, 3, { extent: 2 }).value,
      VALUES.map((x) => clip(Math.round(x / 0.5), -4, 3) * 0.5),
    );
  });

  it('pact with a sign has a level less than 2^b, and a lower clip that pushes the other way', async () => {
    const quantizer = await make(pact, { signed: true });
    near([begins(quantizer)['clip']!], [Math.max(...VALUES.map(Math.abs))]);
    const { value, gradients } = run(quantizer, 3, { clip: 1.5 });
    near(
      value,
      VALUES.map((x) => Math.round(clip(x, -1.5, 1.5) / 0.5) * 0.5),
    );
    assert.equal(new Set(value).size, 7);
    const operand = (x: number): number => (x >= 1.5 ? 1 : x <= -1.5 ? -1 : 0);
    near([gradients['clip']![0]!], [sum(VALUES.map((x, i) => UPSTREAM[i]! * operand(x)))]);
  });

  it('dorefa keeps weights and outputs as large as they are', async () => {
    const ends = [Math.min(...VALUES), Math.max(...VALUES)] as const;
    const end = Math.tanh(Math.max(...VALUES.map(Math.abs)));
    const unit = (x: number, bits: number): number => Math.round(clip(x, 0, 1) * (2 ** bits - 1)) / (2 ** bits - 1);
    for (const bits of [1, 2, 4]) {
      const weights = run(await make(dorefa), bits, {}, ends);
      near(
        weights.value,
        VALUES.map((x) => end * (2 * unit(Math.tanh(x) / (2 * end) + 0.5, bits) - 1)),
      );
      near(
        weights.gradients['x']!,
        VALUES.map((x, i) => UPSTREAM[i]! * (1 - Math.tanh(x) ** 2)),
      );
      const outputs = run(await make(dorefa, { form: 'activations' }), bits, {}, [0, 1.2]);
      near(
        outputs.value,
        VALUES.map((x) => 1.2 * unit(x / 1.2, bits)),
      );
      near(
        outputs.gradients['x']!,
        VALUES.map((x, i) => (x >= 0 && x <= 1.2 ? UPSTREAM[i]! : 0)),
      );
    }
  });

  it('binary takes 0 for positive, and passes no gradient beyond 1', async () => {
    const x = tf.tensor1d([-2, -1, -0.1, 0, 0.1, 0.6, 1, 2]);
    const signs = async (signed: boolean) => {
      const quantizer = await make(binary, { signed });
      const f = (x: tf.Tensor): tf.Tensor => quantizer.fakeQuantize(x, rangeOf([0, 0]), tf.scalar(1));
      return [[...f(x).dataSync()], [...tf.grad(f)(x).dataSync()]];
    };
    assert.deepEqual(await signs(true), [
      [-1, -1, -1, 1, 1, 1, 1, 1],
      [0, 1, 1, 1, 1, 1, 1, 0],
    ]);
    assert.deepEqual(await signs(false), [
      [0, 0, 0, 0, 0, 1, 1, 1],
      [0, 0, 0, 1, 1, 1, 1, 0],
    ]);
  });

  it('adaround rounds to nearest at first, and as its tilt says then', async () => {
    const quantizer = await make(adaround, { granularity: 'tensor' });
    const same = await make(uniform, { granularity: 'tensor' });
    // A little wider than the values: the largest magnitude would lie on a rounding tie.
    const extreme = 1.01 * Math.max(...VALUES.map(Math.abs));
    const ends = [-extreme, extreme] as const;
    for (const bits of [2, 3, 4]) {
      const scale = extreme / ((2 ** bits - 1) / 2);
      const rounded = (up: 0 | 1): number[] =>
        VALUES.map((x) => clip(Math.floor(x / scale) + up, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1) * scale);
      const nearest = run(quantizer, bits, { tilt: 0 }, ends);
      near(nearest.value, run(same, bits, {}, ends).value);
      assert.ok(new Set(nearest.value.map((value) => Math.round(value / scale))).size <= 2 ** bits, 'levels');
      near(run(quantizer, bits, { tilt: 9 }, ends).value, rounded(1));
      near(run(quantizer, bits, { tilt: -9 }, ends).value, rounded(0));

      const soft = await make(adaround, { granularity: 'tensor', rounding: 'soft' });
      const [low, high] = [-0.01, 0.01].map((tilt) => run(soft, bits, { tilt }, ends).value) as [number[], number[]];
      const found = run(soft, bits, { tilt: 0 }, ends).gradients['tilt']!;
      const differences = VALUES.map((_, i) => (UPSTREAM[i]! * (high[i]! - low[i]!)) / 0.02);
      found.forEach((one, i) => assert.ok(Math.abs(one - differences[i]!) < 2e-3, `${one}: ${differences[i]}`));
      near(nearest.gradients['tilt']!, found);
    }
  });

  it('uniform has scales that are powers of two, where it is asked for', async () => {
    for (const symmetric of [true, false]) {
      const quantizer = await make(uniform, { symmetric, granularity: 'tensor', powerOfTwo: true });
      for (const size of [1e-6, 0.03, 0.5, 1, 7, 3000]) {
        const values = VALUES.map((x) => x * size);
        const ends = [Math.min(...values), Math.max(...values)] as const;
        const extent = symmetric ? 2 * Math.max(-ends[0], ends[1]) : ends[1] - ends[0];
        const scale = 2 ** Math.ceil(Math.log2(extent / 15));
        const lowest = symmetric ? -8 : Math.round(ends[0] / scale);
        const { value } = run(quantizer, 4, {}, ends, values);
        assert.deepEqual(
          value.map((one) => one / scale + 0), // no negative zeros
          values.map((x) => clip(Math.round(Math.fround(x) / scale), lowest, lowest + 15) + 0),
        );
      }
    }
  });
});

type Numbers = { readonly [name: string]: number };

/** What a quantizer's trained tensors begin with, one number each, on the values. */
function begins(quantizer: Quantizer): Numbers {
  const entries = Object.entries(quantizer.trainables!([VALUES.length], 'weights'));
  return Object.fromEntries(
    entries.map(([name, { initial }]) => [
      name,
      typeof initial === 'number' ? initial : initial(tf.tensor1d(VALUES)).dataSync()[0]!,
    ]),
  );
}

/** The values quantized, with the gradients of their sum weighed by UPSTREAM. */
function run(
  quantizer: Quantizer,
  bits: number,
  given: Numbers = begins(quantizer),
  ends: readonly [number, number] = [0, 0],
  values: readonly number[] = VALUES,
): { readonly value: number[]; readonly gradients: { readonly [name: string]: number[] } } {
  const names = Object.keys(given);
  const shapes = quantizer.trainables?.([values.length], 'weights') ?? {};
  const tensors = names.map((name) => tf.fill([...shapes[name]!.shape], given[name]!));
  const quantize = (...[x, ...own]: tf.Tensor[]): tf.Tensor =>
    quantizer.fakeQuantize(
      x!,
      rangeOf(ends),
      tf.scalar(bits),
      Object.fromEntries(names.map((name, i) => [name, own[i]!])),
    );
  const { value, grads } = tf.valueAndGrads(quantize)([tf.tensor1d([...values]), ...tensors], tf.tensor1d(UPSTREAM));
  return {
    value: [...value.dataSync()],
    gradients: Object.fromEntries(['x', ...names].map((name, i) => [name, [...grads[i]!.dataSync()]])),
  };
}

function rangeOf([min, max]: readonly [number, number]) {
  return { min: tf.scalar(min), max: tf.scalar(max) };
}

function near(found: readonly number[], expected: readonly number[]): void {
  assert.equal(found.length, expected.length);
  const unit = Math.max(1, ...expected.map(Math.abs));
  expected.forEach((value, i) =>
    assert.ok(Math.abs(found[i]! - value) <= 3e-5 * unit, `${found[i]} instead of ${value} at ${i}`),
  );
}

function clip(x: number, low: number, high: number): number {
  return Math.min(Math.max(x, low), high);
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
