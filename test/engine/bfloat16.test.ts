import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { ComputePrecision, Engine } from '../../packages/core/src/engine/engine.js';
import { bfloat16Obstacle } from '../../packages/core/src/engine/bfloat16-support.js';
import { clamp } from '../../packages/core/src/quantization/estimators/bounds.js';
import { customGradient } from '../../packages/core/src/quantization/estimators/custom-gradient.js';
import { onEngine } from '../train/engines.js';

/** bfloat16 has 8 significant bits: rounding changes a number by this fraction of it at most. */
const ROUNDING = 2 ** -8;
/** Almost in the middle of two numbers of bfloat16. */
const SCALE = (1 + 0.99 * 2 ** -8) / 4;

onEngine('tensorflow', 'steps in bfloat16', (engine) => {
  // Small integers are exact in bfloat16, and their sums in float32. What remains is the rounding of each result.
  for (const { title, side, stride, kernel } of [
    { title: '3x3', side: 16, stride: 1, kernel: 3 },
    { title: '3x3 with a small output', side: 6, stride: 1, kernel: 3 },
    { title: '3x3 with stride 2', side: 12, stride: 2, kernel: 3 },
    { title: '3x3 with stride 2, odd', side: 7, stride: 2, kernel: 3 },
    { title: '5x5 with a small output', side: 5, stride: 1, kernel: 5 },
    { title: '1x1 with stride 2', side: 8, stride: 2, kernel: 1 },
  ])
    it(`rounds the results of a ${title} convolution and of its gradients once`, () => {
      const x = integers([2, side, side, 4], 255);
      const filter = integers([kernel, kernel, 4, 3], 7, 3);
      const exact = convolve(engine(), x, filter, stride, 'float32');
      const rounded = convolve(engine(), x, filter, stride, 'bfloat16');
      for (const name of ['y', 'dx', 'dFilter'] as const) {
        assert.equal(rounded[name].length, exact[name].length);
        exact[name].forEach((value, at) => {
          const error = Math.abs(rounded[name][at]! - value);
          assert.ok(error <= ROUNDING * Math.abs(value), `${name}[${at}]: ${rounded[name][at]} instead of ${value}`);
        });
      }
    });

  // These scales are far from numbers of bfloat16: scaled operands would be rounded too.
  for (const side of [16, 6])
    it(`convolves ${side}x${side} integer codes without rounding them, and scales the results`, () => {
      const quantized = (x: tf.Tensor, scale: tf.Tensor): tf.Tensor =>
        customGradient(
          tf,
          { x },
          ({ x }) => ({ value: tf.mul(clamp(tf, tf.round(tf.div(x, scale)), -4, 3), scale) }),
          (dy) => ({ x: dy }),
        );
      const step = (state: object, { x, filter }: { x: tf.Tensor; filter: tf.Tensor }) => {
        const forward = (x: tf.Tensor, w: tf.Tensor): tf.Tensor => {
          const filters = quantized(w, tf.tensor4d([1 / 7, 1 / 11, 1 / 13], [1, 1, 1, 3]));
          return engine().ops.conv2d(quantized(x, tf.scalar(SCALE)) as tf.Tensor4D, filters as tf.Tensor4D, {
            stride: 1,
            padding: 1,
          });
        };
        const y = forward(x, filter);
        const dy = tf.tensor(integers(y.shape, 3, 5).values as number[], y.shape);
        return { state, outputs: { y, dFilter: tf.grads(forward)([x, filter], dy)[1]! } };
      };
      const inputs = () => ({
        x: tf.div(tensorOf(integers([2, side, side, 4], 9)), 8),
        filter: tf.div(tensorOf(integers([3, 3, 4, 3], 9, 3)), 21),
      });
      const exact = run(engine(), step, inputs(), 'float32');
      const rounded = run(engine(), step, inputs(), 'bfloat16');
      // The filter gradient of the small output is a product of gathered patches, whose scale is not taken out.
      for (const name of side === 16 ? ['y', 'dFilter'] : ['y'])
        exact[name]!.forEach((value, at) => {
          const error = Math.abs(rounded[name]![at]! - value);
          assert.ok(error <= ROUNDING * Math.abs(value) + 1e-4, `${name}[${at}]: ${rounded[name]![at]}, not ${value}`);
        });
    });

  it('rounds operands of convolutions and of matrix products', () => {
    const step = (state: object, { x }: { x: tf.Tensor }) => ({
      state,
      outputs: {
        convolved: engine().ops.conv2d(tf.reshape(x, [1, 1, 1, 1]), tf.ones([1, 1, 1, 1]), { stride: 1, padding: 0 }),
        multiplied: tf.matMul(tf.reshape(x, [1, 1]), tf.ones([1, 1])),
        added: tf.add(x, 0),
      },
    });
    const between = 1 + 2 ** -9; // between two numbers of bfloat16, closer to 1
    const outputs = run(engine(), step, { x: tf.tensor1d([between]) }, 'bfloat16');
    assert.deepEqual(outputs, { convolved: [1], multiplied: [1], added: [between] });
  });

  it('keeps weights, sums of gradients and statistics of batch norms in float32', () => {
    const step = (state: object, { weight, x }: { weight: tf.Tensor; x: tf.Tensor }) => {
      const filter = tf.ones<tf.Rank.R4>([1, 1, 1, 1]);
      const activations = engine().ops.conv2d(tf.reshape(x, [2, 1, 1, 1]), filter, { stride: 1, padding: 0 });
      const { mean } = engine().ops.batchNorm(activations, tf.ones([1]), tf.zeros([1]), 1e-5);
      // Two gradients of the filter, 256 and 1, whose sum bfloat16 does not have.
      const gradient = tf.grad((w) =>
        tf.add(
          tf.sum(engine().ops.conv2d(tf.fill([1, 1, 1, 1], 256), w as tf.Tensor4D, { stride: 1, padding: 0 })),
          tf.sum(engine().ops.conv2d(tf.ones([1, 1, 1, 1]), w as tf.Tensor4D, { stride: 1, padding: 0 })),
        ),
      )(filter);
      return { state, outputs: { moved: tf.sub(weight, 2 ** -12), mean, gradient } };
    };
    const inputs = { weight: tf.tensor1d([1]), x: tf.tensor1d([1, 1 + 2 ** -7]) };
    const { moved, mean, gradient } = run(engine(), step, inputs, 'bfloat16');
    assert.deepEqual({ moved, gradient }, { moved: [1 - 2 ** -12], gradient: [257] });
    assert.ok(Math.abs(mean![0]! - (1 + 2 ** -8)) < 1e-6, `a mean of ${mean}`);
  });

  it('leaks no tensor', () => {
    const before = engine().memory();
    convolve(engine(), integers([2, 6, 6, 4], 255), integers([3, 3, 4, 3], 7), 1, 'bfloat16');
    assert.deepEqual(engine().memory(), before);
  });
});

type Numbers = readonly number[];

/** A convolution, and the gradients of the sum of its outputs times small integers. */
function convolve(
  engine: Engine,
  x: { readonly shape: readonly number[]; readonly values: Numbers },
  filter: { readonly shape: readonly number[]; readonly values: Numbers },
  stride: number,
  precision: ComputePrecision,
): { readonly y: Numbers; readonly dx: Numbers; readonly dFilter: Numbers } {
  const padding = (filter.shape[0]! - 1) / 2;
  const step = (state: object, inputs: { x: tf.Tensor; filter: tf.Tensor }) => {
    const forward = (x: tf.Tensor, w: tf.Tensor): tf.Tensor =>
      engine.ops.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, { stride, padding });
    const y = forward(inputs.x, inputs.filter);
    const weights = tf.tensor(integers(y.shape, 3, 5).values as number[], y.shape);
    const [dx, dFilter] = tf.grads(forward)([inputs.x, inputs.filter], weights);
    return { state, outputs: { y, dx: dx!, dFilter: dFilter! } };
  };
  const inputs = { x: tensorOf(x), filter: tensorOf(filter) };
  return run(engine, step, inputs, precision) as ReturnType<typeof convolve>;
}

/** The outputs of a compiled step as numbers; disposes its inputs. */
function run<I extends { [name: string]: tf.Tensor }>(
  engine: Engine,
  step: (state: object, inputs: I) => { state: object; outputs: { [name: string]: tf.Tensor } },
  inputs: I,
  precision: ComputePrecision,
): { readonly [name: string]: Numbers } {
  const compiled = engine.compile(step as never, {}, inputs, precision);
  const { outputs } = compiled.run({}, inputs);
  const read = Object.entries(outputs as { [name: string]: tf.Tensor }).map(([name, tensor]) => {
    assert.equal(tensor.dtype, 'float32');
    return [name, Array.from(tensor.dataSync())] as const;
  });
  tf.dispose([outputs, inputs]);
  compiled.dispose();
  return Object.fromEntries(read);
}

function tensorOf({ shape, values }: { readonly shape: readonly number[]; readonly values: Numbers }): tf.Tensor {
  return tf.tensor(values as number[], [...shape]);
}

/** Integers from -largest to largest that look random. */
function integers(shape: readonly number[], largest: number, seed = 1) {
  const size = shape.reduce((product, length) => product * length, 1);
  const values = Array.from({ length: size }, (_, index) => {
    const wave = Math.sin((index + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return Math.round((2 * (wave - Math.floor(wave)) - 1) * largest);
  });
  return { shape, values };
}

describe('bfloat16 support', () => {
  const onCpu = { name: 'tensorflow', device: 'cpu' } as const;

  it('is named by the flags of the processor', () => {
    assert.equal(
      bfloat16Obstacle(onCpu, () => 'processor : 0\nflags\t\t: fpu avx512f avx512_bf16\n'),
      undefined,
    );
    assert.equal(
      bfloat16Obstacle(onCpu, () => 'processor : 0\nFeatures\t: fp asimd bf16\n'),
      undefined,
    );
    assert.match(
      bfloat16Obstacle(onCpu, () => 'processor : 0\nflags : fpu avx2 avx512f\n')!,
      /slower.*float32/,
    );
  });

  it('is assumed where it is unknown, and on GPUs', () => {
    const unreadable = (): string => {
      throw new Error('no such file');
    };
    assert.equal(bfloat16Obstacle(onCpu, unreadable), undefined);
    assert.equal(
      bfloat16Obstacle({ name: 'tensorflow', device: 'gpu' }, () => 'flags : fpu\n'),
      undefined,
    );
  });

  it('is denied to engines that compute in float32 only', () => {
    assert.match(
      bfloat16Obstacle({ name: 'wasm', device: 'cpu' }, () => 'flags : avx512_bf16\n')!,
      /wasm.*ignores/,
    );
  });
});
