import type { Tensor } from '@tensorflow/tfjs-core';
import type { Granularity } from '@ssql/core';
import type { Engine } from '../../packages/core/src/engine/engine.js';
import { minmax } from '../../packages/plugins/src/observer/minmax.js';
import { uniform } from '../../packages/plugins/src/quantizer/uniform.js';
import { measure, readGolden, type Golden, type Measure } from '../golden/golden.js';
import { recipe, toHwio, toInOut, toNchw, toNhwc, toOihw, weightScale, type HostTensor } from '../golden/recipe.js';
import { toHost, toTensor } from '../plugins/context.js';
import { make } from '../plugins/make-plugin.js';
import type { ParityCase } from './parity-case.js';

/** The uniform quantizer on weights, where gradient flows through the scale and where it does not. */
export function uniformWeightCases(file: string): readonly ParityCase[] {
  return readGolden<{ cases: Case[] }>(file).cases.map((golden) => ({
    name: golden.name,
    async measure(engine) {
      const setting = weightSetting(golden);
      const constant = { ...setting, calibration: setting.calibration ?? [setting.input] };
      return [
        ...(await measureCase(engine, golden, setting)),
        ...(await measureCase(engine, golden, constant, 'grad_input_scale_detached')),
      ];
    },
  }));
}

/** The uniform quantizer on activations. */
export function uniformActivationCases(file: string): readonly ParityCase[] {
  return readGolden<{ cases: Case[] }>(file).cases.map((golden) => ({
    name: golden.name,
    measure: (engine) => measureCase(engine, golden, activationSetting(golden)),
  }));
}

/** The other combinations of symmetry and granularity. */
export function uniformOtherCases(file: string): readonly ParityCase[] {
  return readGolden<{ cases: OtherCase[] }>(file).cases.map((golden) => ({
    name: golden.name,
    measure: (engine) => measureCase(engine, golden, otherSetting(golden)),
  }));
}

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

interface OtherCase extends Case {
  readonly symmetric: boolean;
  readonly granularity: 'layerwise' | 'channelwise';
}

async function measureCase(
  { tf }: Pick<Engine, 'tf'>,
  golden: Case,
  { symmetric, granularity, input, calibration, upstream, toTfjs, toTorch }: Setting,
  gradient: 'grad_input' | 'grad_input_scale_detached' = 'grad_input',
): Promise<Measure[]> {
  const quantizer = await make(uniform, { symmetric, granularity }, { tf });
  const observer = await make(minmax, {}, { tf });
  const measures = [measure(input, golden.input, 1e-8, 'input')];
  const x = toTensor(toTfjs(input));
  const dy = toTensor(toTfjs(upstream));
  for (const expected of golden.bits) {
    const what = `${expected.bit} bits`;
    const quantize = (x: Tensor): Tensor => {
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
    measures.push(measure(toTorch(toHost(output)), expected.output, 1e-5, `${what}: output`));
    if (expected.codes)
      measures.push(measure(codes(toTorch(toHost(output)), golden, expected), expected.codes, 1e-8, `${what}: codes`));
    measures.push(measure(toTorch(toHost(grad)), expected[gradient]!, 1e-5, `${what}: ${gradient}`));
  }
  return measures;
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
