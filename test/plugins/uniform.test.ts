import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Granularity } from '@ssql/core';
import { minmax } from '../../packages/plugins/src/observer/minmax.js';
import { uniform } from '../../packages/plugins/src/quantizer/uniform.js';
import { assertGolden, readGolden, type Golden } from '../golden/golden.js';
import { recipe, toHwio, toInOut, toNchw, toNhwc, toOihw, weightScale, type HostTensor } from '../golden/recipe.js';
import { context, onCpu, toHost, toTensor } from './context.js';

interface Case {
  readonly name: string;
  readonly input: Golden;
  readonly bits: readonly {
    readonly bit: number;
    readonly scale: { readonly values: readonly number[] };
    readonly zero_point: { readonly values: readonly number[] };
    readonly bypassed: boolean;
    readonly codes: Golden | null;
    readonly output: Golden;
    readonly grad_input: Golden;
    readonly grad_input_scale_detached?: Golden;
  }[];
}

/** How a case is run: what it is calibrated on, in order, what is quantized, and the layout. */
interface Setting {
  readonly symmetric: boolean;
  readonly granularity: Granularity;
  readonly input: HostTensor;
  /** Left out: the range is of the live input, and gradient flows through the scale. */
  readonly calibration?: readonly HostTensor[];
  readonly upstream: HostTensor;
  readonly toTfjs: (tensor: HostTensor) => HostTensor;
  readonly toTorch: (tensor: HostTensor) => HostTensor;
}

const WEIGHT = { toTfjs: toHwio, toTorch: toOihw };
const LINEAR = { toTfjs: toInOut, toTorch: toInOut };
const ACTIVATION = { toTfjs: toNhwc, toTorch: toNchw };

describe('quantizer uniform', () => {
  onCpu();

  describe('weights (golden a_uniform_weight)', () => {
    for (const golden of readGolden<{ cases: Case[] }>('a_uniform_weight.json').cases) {
      it(golden.name, () => verify(golden, weightSetting(golden)));
    }

    it('keeps the masked straight-through term alone when the range is detached', async () => {
      for (const golden of readGolden<{ cases: Case[] }>('a_uniform_weight.json').cases) {
        const setting = weightSetting(golden);
        await verify(
          golden,
          { ...setting, calibration: setting.calibration ?? [setting.input] },
          'grad_input_scale_detached',
        );
      }
    });
  });

  describe('activations (golden a_uniform_activation)', () => {
    for (const golden of readGolden<{ cases: Case[] }>('a_uniform_activation.json').cases) {
      it(golden.name, () => verify(golden, activationSetting(golden)));
    }
  });

  describe('other combinations (golden a_uniform_other)', () => {
    for (const golden of readGolden<{ cases: OtherCase[] }>('a_uniform_other.json').cases) {
      // The official code's asymmetric scale is differentiable on a live range; ours is a constant by contract.
      const gradient = golden.name.startsWith('w_asym') ? 'none' : 'grad_input';
      it(`${golden.name}${gradient === 'none' ? ', without its gradient' : ''}`, () =>
        verify(golden, otherSetting(golden), gradient));
    }
  });

  it('passes x and its gradient through where a range is empty, and stays finite', async () => {
    for (const symmetric of [true, false]) {
      const quantizer = await uniform.create({ symmetric, granularity: 'channel' }, context);
      const observer = await minmax.create({}, context);
      const x = tf.tensor2d([0, 1, 0, -3], [2, 2]);
      const quantize = (x: tf.Tensor): tf.Tensor =>
        quantizer.fakeQuantize(x, observer.range(observer.observe(x, 'channel'), tf.scalar(4)), tf.scalar(4));
      assert.deepEqual([...quantize(x).dataSync()], [0, 1, 0, -3]);
      assert.deepEqual([...tf.grad(quantize)(x).dataSync()], [1, 1, 1, 1]);
    }
  });
});

interface OtherCase extends Case {
  readonly symmetric: boolean;
  readonly granularity: 'layerwise' | 'channelwise';
}

async function verify(
  golden: Case,
  { symmetric, granularity, input, calibration, upstream, toTfjs, toTorch }: Setting,
  gradient: 'grad_input' | 'grad_input_scale_detached' | 'none' = 'grad_input',
): Promise<void> {
  const quantizer = await uniform.create({ symmetric, granularity }, context);
  const observer = await minmax.create({}, context);
  assertGolden(input, golden.input, 1e-8, 'input');
  const x = toTensor(toTfjs(input));
  const dy = toTensor(toTfjs(upstream));
  for (const expected of golden.bits) {
    const what = `${golden.name} at ${expected.bit} bits`;
    const quantize = (x: tf.Tensor): tf.Tensor => {
      const batches = calibration?.map((batch) => toTensor(toTfjs(batch))) ?? [x];
      const state = batches
        .slice(1)
        .reduce(
          (state, batch) => observer.observe(batch, granularity, state),
          observer.observe(batches[0]!, granularity),
        );
      return quantizer.fakeQuantize(x, observer.range(state, tf.scalar(expected.bit)), tf.scalar(expected.bit));
    };
    const { value: output, grad } = tf.valueAndGrad(quantize)(x, dy);
    assertGolden(toTorch(toHost(output)), expected.output, 1e-5, `${what}: output`);
    if (expected.codes)
      assertGolden(codes(toTorch(toHost(output)), golden, expected), expected.codes, 1e-8, `${what}: codes`);
    if (gradient !== 'none') assertGolden(toTorch(toHost(grad)), expected[gradient]!, 1e-5, `${what}: ${gradient}`);
  }
}

/** The codes of an output in PyTorch's layout; the channel axis is 0 for weights, 1 for activations. */
function codes({ shape, values }: HostTensor, { name }: Case, { scale, zero_point }: Case['bits'][number]): HostTensor {
  const inner = shape.slice(name.startsWith('w_') ? 1 : 2).reduce((a, b) => a * b, 1);
  const code = (value: number, i: number): number => {
    const channel = Math.floor(i / inner) % scale.values.length;
    return Math.round(value / scale.values[channel]!) + zero_point.values[channel]!;
  };
  return { shape, values: values.map(code) };
}

function weightSetting({ name, input }: Case): Setting {
  const { shape } = input;
  const tensor = weightInput(name, shape);
  return {
    symmetric: true,
    granularity: 'channel',
    input: tensor,
    upstream: recipe(`a/R/${name === 'w_conv_updated_twice' ? 'w_conv' : name}`, shape),
    ...(name === 'w_exceeds' ? { calibration: [recipe('a/w_x1', shape, { scale: 0.5 })] } : {}),
    ...(name === 'w_linear' ? LINEAR : WEIGHT),
  };
}

function weightInput(name: string, shape: readonly number[]): HostTensor {
  const convolution = recipe('a/w_conv', shape, { scale: weightScale(shape) });
  switch (name) {
    case 'w_linear':
      return recipe('a/w_linear', shape, { scale: weightScale(shape) });
    case 'w_zero_channel':
      return { shape, values: convolution.values.map((value, i) => (Math.floor(i / 36) === 2 ? 0 : value)) };
    case 'w_all_zero':
      return { shape, values: convolution.values.map(() => 0) };
    case 'w_constant':
      return { shape, values: convolution.values.map(() => 0.3) };
    case 'w_constant_neg':
      return { shape, values: convolution.values.map(() => -0.3) };
    case 'w_exceeds':
      return recipe('a/w_x2', shape, { scale: 0.9 });
    default:
      return convolution;
  }
}

function activationSetting({ name, input: { shape } }: Case): Setting {
  const x1 = recipe('a/act_x1', shape);
  const x2 = recipe('a/act_x2', shape, { scale: 1.7 });
  const act = recipe('a/act', shape, { scale: 2 });
  const constant = (value: number): HostTensor => ({ shape, values: act.values.map(() => value) });
  const inputs: { readonly [name: string]: readonly [input: HostTensor, ...calibration: HostTensor[]] } = {
    act_signed: [act],
    act_relu: [relu(act)],
    act_2d: [recipe('a/act_2d', shape, { scale: 2 })],
    act_constant: [constant(0.7)],
    act_zero: [constant(0)],
    act_all_positive: [recipe('a/act_pos', shape, { scale: 0.75, offset: 2 })],
    act_all_negative: [recipe('a/act_neg', shape, { scale: 0.75, offset: -2 })],
    act_exceeds: [x2, x1],
    act_two_updates: [x1, x1, x2],
    act_relu_exceeds: [relu(x2), relu(x1)],
  };
  const [input, ...calibration] = inputs[name]!;
  return {
    symmetric: false,
    granularity: 'tensor',
    input,
    calibration: calibration.length > 0 ? calibration : [input],
    upstream: recipe(`a/R/${name}`, shape),
    ...ACTIVATION,
  };
}

function otherSetting({ name, symmetric, granularity, input: { shape } }: OtherCase): Setting {
  const isWeight = name.startsWith('w_');
  const input = isWeight ? weightInput('w_conv', shape) : recipe('a/act', shape, { scale: 2 });
  return {
    symmetric,
    granularity: granularity === 'layerwise' ? 'tensor' : 'channel',
    input,
    ...(isWeight ? {} : { calibration: [input] }),
    upstream: recipe(`a/R/${name}`, shape),
    ...(isWeight ? WEIGHT : ACTIVATION),
  };
}

function relu({ shape, values }: HostTensor): HostTensor {
  return { shape, values: values.map((value) => Math.max(0, value)) };
}
