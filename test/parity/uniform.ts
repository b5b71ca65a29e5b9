import type { Tensor } from '@tensorflow/tfjs-core';
import type { Granularity } from '@ssql/core';
import type { Engine } from '../../packages/core/src/engine/engine.js';
import { minmax } from '../../packages/plugins/src/observer/minmax.js';
import { uniform } from '../../packages/plugins/src/quantizer/uniform.js';
import { goldenRecipe, measure, readGolden, type Golden, type Measure } from '../golden/golden.js';
import { toHwio, toInOut, toNchw, toNhwc, toOihw, weightScale, type HostTensor } from '../golden/recipe.js';
import { toHost, toTensor } from '../plugins/context.js';
import { make } from '../plugins/make-plugin.js';
import type { ParityCase } from './parity-case.js';
import { numbersAfter } from './stated.js';

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
  const { cases } = readGolden<{ cases: Case[] }>(file);
  return cases.map((golden) => ({
    name: golden.name,
    measure: (engine) => measureCase(engine, golden, activationSetting(golden, activationScales(cases))),
  }));
}

/** The other combinations of symmetry and granularity. */
export function uniformOtherCases(file: string): readonly ParityCase[] {
  return readGolden<{ cases: OtherCase[] }>(file).cases.map((golden) => ({
    name: golden.name,
    async measure(engine) {
      const { cases } = readGolden<{ cases: Case[] }>('a_uniform_activation.json');
      return measureCase(engine, golden, otherSetting(golden, activationScales(cases).act));
    },
  }));
}

interface Case {
  readonly name: string;
  /** Scales and constants of the input, in words. */
  readonly description: string;
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

interface OtherCase extends Omit<Case, 'description'> {
  readonly symmetric: boolean;
  readonly granularity: 'layerwise' | 'channelwise';
}

async function measureCase(
  { tf }: Pick<Engine, 'tf'>,
  golden: Omit<Case, 'description'>,
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
function codes(
  { shape, values }: HostTensor,
  { name }: Pick<Case, 'name'>,
  { scale, zero_point }: Case['bits'][number],
): HostTensor {
  const inner = shape.slice(name.startsWith('w_') ? 1 : 2).reduce((a, b) => a * b, 1);
  const code = (value: number, i: number): number => {
    const channel = Math.floor(i / inner) % scale.values.length;
    return Math.round(value / scale.values[channel]!) + zero_point.values[channel]!;
  };
  return { shape, values: values.map(code) };
}

function weightSetting(golden: Case): Setting {
  const { name, description } = golden;
  const { shape } = golden.input;
  const calibrated = calibratedOn(description);
  return {
    symmetric: true,
    granularity: 'channel',
    input: weightInput(golden),
    upstream: goldenRecipe(`a/R/${name === 'w_conv_updated_twice' ? 'w_conv' : name}`, shape),
    ...(calibrated ? { calibration: [goldenRecipe('a/w_x1', shape, { scale: calibrated.scale })] } : {}),
    ...(shape.length === 2 ? LINEAR : WEIGHT),
  };
}

/** "calibrated on a/w_x1 (scale 0.5), quantize a/w_x2 (scale 0.9)" */
function calibratedOn(description: string): { readonly scale: number; readonly quantized: number } | undefined {
  const [, scale, quantized] =
    /calibrated on \S+ \(scale ([\d.]+)\), quantize \S+ \(scale ([\d.]+)\)/.exec(description) ?? [];
  return scale === undefined ? undefined : { scale: Number(scale), quantized: Number(quantized) };
}

/** "constant float32(0.7) (2,3,4,4)", "zeros (2,3,4,4)" */
function constantIn(description: string): number | undefined {
  const [, value] = /^constant float32\((-?[\d.]+)\)/.exec(description) ?? [];
  return value === undefined ? (/^zeros /.test(description) ? 0 : undefined) : Number(value);
}

function constant(shape: readonly number[], value: number): HostTensor {
  return { shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value) };
}

function weightInput({ name, description, input: { shape } }: Case): HostTensor {
  const value = constantIn(description);
  if (value !== undefined) return constant(shape, value);
  const exceeding = calibratedOn(description)?.quantized;
  if (exceeding !== undefined) return goldenRecipe('a/w_x2', shape, { scale: exceeding });
  const weight = goldenRecipe(name === 'w_linear' ? 'a/w_linear' : 'a/w_conv', shape, { scale: weightScale(shape) });
  const [, channel] = /with output channel (\d+) set to zero/.exec(description) ?? [];
  if (channel === undefined) return weight;
  const size = weight.values.length / shape[0]!;
  return { shape, values: weight.values.map((value, i) => (Math.floor(i / size) === Number(channel) ? 0 : value)) };
}

/** Cases that are described by others take the scales of those. */
function activationSetting({ name, description, input: { shape } }: Case, scales: Scales): Setting {
  const value = constantIn(description);
  const x1 = goldenRecipe('a/act_x1', shape, { scale: scales.x1 });
  const x2 = goldenRecipe('a/act_x2', shape, { scale: scales.x2 });
  const shifted = (of: string): HostTensor => {
    const [, offset, scale] = /float32\((-?[\d.]+)\+\(2u-1\)\*([\d.]+)\)/.exec(description)!;
    return goldenRecipe(of, shape, { scale: Number(scale), offset: Number(offset) });
  };
  const act = (of = 'a/act'): HostTensor => goldenRecipe(of, shape, { scale: scales.act });
  const inputs: { readonly [name: string]: () => readonly [input: HostTensor, ...calibration: HostTensor[]] } = {
    act_signed: () => [act()],
    act_relu: () => [relu(act())],
    act_2d: () => [act('a/act_2d')],
    act_all_positive: () => [shifted('a/act_pos')],
    act_all_negative: () => [shifted('a/act_neg')],
    act_exceeds: () => [x2, x1],
    act_two_updates: () => [x1, x1, x2],
    act_relu_exceeds: () => [relu(x2), relu(x1)],
  };
  const [input, ...calibration] = value === undefined ? inputs[name]!() : [constant(shape, value)];
  return {
    symmetric: false,
    granularity: 'tensor',
    input,
    calibration: calibration.length > 0 ? calibration : [input],
    upstream: goldenRecipe(`a/R/${name}`, shape),
    ...ACTIVATION,
  };
}

interface Scales {
  readonly act: number;
  readonly x1: number;
  readonly x2: number;
}

function activationScales(cases: readonly Case[]): Scales {
  const described = (name: string): string => cases.find((golden) => golden.name === name)!.description;
  const { scale, quantized } = calibratedOn(described('act_exceeds'))!;
  return { act: numbersAfter('scale', described('act_signed'))[0]!, x1: scale, x2: quantized };
}

/** These cases have no description: their inputs are those of the other files. */
function otherSetting({ name, symmetric, granularity, input: { shape } }: OtherCase, act: number): Setting {
  const isWeight = name.startsWith('w_');
  const input = isWeight
    ? goldenRecipe('a/w_conv', shape, { scale: weightScale(shape) })
    : goldenRecipe('a/act', shape, { scale: act });
  return {
    symmetric,
    granularity: granularity === 'layerwise' ? 'tensor' : 'channel',
    input,
    ...(isWeight ? {} : { calibration: [input] }),
    upstream: goldenRecipe(`a/R/${name}`, shape),
    ...(isWeight ? WEIGHT : ACTIVATION),
  };
}

function relu({ shape, values }: HostTensor): HostTensor {
  return { shape, values: values.map((value) => Math.max(0, value)) };
}
