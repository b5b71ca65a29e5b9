import type { Tensor } from '@tensorflow/tfjs-core';
import type { Granularity, Quantizer, Range, Tf } from '@ssql/core';
import { adaround } from '../../packages/plugins/src/quantizer/adaround.js';
import { lsq } from '../../packages/plugins/src/quantizer/lsq.js';
import { minmax } from '../../packages/plugins/src/observer/minmax.js';
import { toHost, toTensor } from '../plugins/context.js';
import { make } from '../plugins/make-plugin.js';
import { goldenRecipe, measure, readGolden, type Golden, type Measure } from '../golden/golden.js';
import { toHwio, toInOut, toNchw, toNhwc, toOihw, weightScale, type HostTensor } from '../golden/recipe.js';
import { officialAdaround } from './official/adaround.js';
import { officialBinary } from './official/binary.js';
import { officialDorefaActivations, officialDorefaWeights } from './official/dorefa.js';
import { officialPact } from './official/pact.js';
import type { ParityCase } from './parity-case.js';
import { numbersAfter } from './stated.js';

interface Case {
  readonly quantizer: string;
  readonly kind: 'weight' | 'act';
  readonly input: 'w_conv' | 'w_linear' | 'act' | 'act_big';
  /** The shape and scale of each kind of input, in words. */
  readonly inputs: { readonly [input: string]: string };
  readonly R: string;
  readonly granularity?: 'layerwise' | 'channelwise';
  readonly act_func?: 'relu' | 'none';
  readonly bit: number;
  readonly Qp?: number;
  readonly input_multiplier?: number;
  readonly symmetric?: boolean;
  readonly soft_targets?: boolean;
  readonly scale_live?: boolean;
  readonly alpha_init?: Golden;
  readonly output: Golden;
  readonly grad_input: Golden;
  readonly grad_alpha?: Golden | null;
}

/** Every case of the golden file of quantizers. */
export function quantizerCases(file: string): readonly ParityCase[] {
  const { inputs, cases } = readGolden<Pick<Case, 'inputs'> & { cases: Omit<Case, 'inputs'>[] }>(file);
  return cases.map((stated, index) => {
    const golden: Case = { ...stated, inputs };
    const { quantizer, kind, input, bit, ...rest } = golden;
    const words = [rest.granularity, rest.act_func, rest.symmetric && 'symmetric', rest.soft_targets && 'soft'];
    const live = rest.scale_live === false ? ['scale constant'] : [];
    return {
      name: [index, quantizer, kind, input, bit, ...words.filter(Boolean), ...live].join(' '),
      measure: async ({ tf }) => measures(tf, golden, await PROTOCOLS[quantizer]!(golden, tf)),
    };
  });
}

/** How a case is run. */
interface Protocol {
  readonly quantizer: Quantizer;
  /** The range of the live input, or of a constant one. */
  readonly range?: (x: Tensor) => Range;
  /** The trained tensor, by its name in ours, and the factors to the official one: of its value and of its gradient. */
  readonly trained?: { readonly name: string; readonly value?: number; readonly gradient: number };
}

const PROTOCOLS: { readonly [quantizer: string]: (golden: Case, tf: Tf) => Promise<Protocol> } = {
  async LSQ(golden, tf) {
    const { kind, act_func, Qp } = golden;
    const signed = kind === 'weight' || act_func === 'none';
    // The official step is 2 m / sqrt(Qp); gradient descent on m moves it as on the step.
    const factor = 2 / Math.sqrt(Qp!);
    return {
      quantizer: await make(lsq, { signed, granularity: granularityOf(golden) }, { tf }),
      trained: { name: 'magnitude', value: factor, gradient: factor },
    };
  },
  PACT: async ({ act_func }, tf) => ({
    quantizer: await officialPact(tf, act_func === 'none'),
    trained: { name: 'clip', value: 1, gradient: 1 },
  }),
  DoReFa: async ({ kind, act_func }, tf) => ({
    quantizer:
      kind === 'weight' ? await officialDorefaWeights(tf) : await officialDorefaActivations(tf, act_func === 'none'),
  }),
  BNN: async (_, tf) => ({ quantizer: await officialBinary(tf) }),
  async AdaRound(golden, tf) {
    const { kind, symmetric = false, soft_targets, scale_live } = golden;
    const granularity = granularityOf(golden);
    const observer = await make(minmax, {}, { tf });
    const ranged = (x: Tensor): Range => observer.range(observer.observe(x, granularity), tf.scalar(golden.bit));
    const fixed = ranged(inputOf(golden).x);
    const options = { symmetric, granularity, rounding: soft_targets ? 'soft' : 'hard' } as const;
    return {
      quantizer: kind === 'weight' ? await officialAdaround(tf, options) : await make(adaround, options, { tf }),
      range: scale_live ? ranged : () => fixed,
      // The official variable begins at what ours is added to.
      ...(kind === 'weight' ? { trained: { name: 'tilt', gradient: 1 } } : {}),
    };
  },
};

function measures(tf: Tf, golden: Case, { quantizer, range, trained }: Protocol): readonly Measure[] {
  // Where a quantizer reads no range.
  const none = { min: tf.scalar(0), max: tf.scalar(0) };
  const { x, toTorch } = inputOf(golden);
  const dy = toTensor(layoutOf(golden).toTfjs(goldenRecipe(golden.R, golden.output.shape)));
  const bits = tf.scalar(golden.bit);
  const operand = golden.kind === 'weight' ? 'weights' : 'activations';
  const own = Object.entries(quantizer.trainables?.(x.shape, operand) ?? {}).map(
    ([name, { shape, initial }]) =>
      [name, typeof initial === 'number' ? tf.fill([...shape], initial) : initial(x)] as const,
  );
  const quantize = (x: Tensor, ...values: Tensor[]): Tensor =>
    quantizer.fakeQuantize(x, range?.(x) ?? none, bits, Object.fromEntries(own.map(([name], i) => [name, values[i]!])));
  const { value, grads } = tf.valueAndGrads(quantize as (...args: Tensor[]) => Tensor)(
    [x, ...own.map(([, value]) => value)],
    dy,
  );
  const found = [
    relative(toTorch(toHost(value)), golden.output, 'output'),
    relative(toTorch(toHost(grads[0]!)), golden.grad_input, 'grad_input'),
  ];
  const at = own.findIndex(([name]) => name === trained?.name);
  if (trained && at >= 0) {
    const scaled = (tensor: Tensor, factor: number, like: Golden, what: string): Measure => {
      const { shape, values } = toHost(tf.mul(tensor, factor));
      // The official ones of channels have axes of length 1.
      const official = tensor.size === x.size ? toTorch({ shape, values }) : { shape: like.shape, values };
      return relative(official, like, what);
    };
    if (trained.value !== undefined) found.push(scaled(own[at]![1], trained.value, golden.alpha_init!, 'alpha_init'));
    if (golden.grad_alpha) found.push(scaled(grads[at + 1]!, trained.gradient, golden.grad_alpha, 'grad_alpha'));
  }
  return found;
}

function granularityOf({ granularity }: Case): Granularity {
  return granularity === 'channelwise' ? 'channel' : 'tensor';
}

function layoutOf({ input }: Pick<Case, 'input'>) {
  if (input === 'w_conv') return { toTfjs: toHwio, toTorch: toOihw };
  return input === 'w_linear' ? { toTfjs: toInOut, toTorch: toInOut } : { toTfjs: toNhwc, toTorch: toNchw };
}

function inputOf(golden: Case): { readonly x: Tensor; readonly toTorch: (tensor: HostTensor) => HostTensor } {
  const { input, inputs, act_func, input_multiplier, output } = golden;
  const { shape } = output;
  const scale = golden.kind === 'act' ? numbersAfter('scale', inputs[input]!)[0]! : weightScale(shape);
  const { values } = goldenRecipe(`c/${input}`, shape, { scale });
  // `"flat index 5 set to 0": true`
  const zero = Object.keys(golden).flatMap((key) => /^flat index (\d+) set to 0$/.exec(key)?.slice(1) ?? []);
  const shaped = values.map((value, i) => {
    if (input_multiplier !== undefined) return zero.includes(String(i)) ? 0 : value * input_multiplier;
    return act_func === 'relu' ? Math.max(0, value) : value;
  });
  const { toTfjs, toTorch } = layoutOf(golden);
  return { x: toTensor(toTfjs({ shape, values: shaped })), toTorch };
}

/** What LSQ's step is given is a sum of rounding errors, of which float32 leaves few digits where codes are large. */
const TOLERANCES: { readonly [what: string]: number } = { grad_alpha: 2e-4 };

/** Compared relative to the largest magnitude. */
function relative({ shape, values }: HostTensor, golden: Golden, what: string): Measure {
  const all = 'values' in golden ? golden.values : [golden.min, golden.max];
  const unit = Math.max(...all.map(Math.abs)) || 1;
  const scaled = Object.fromEntries(
    Object.entries(golden).map(([key, value]) => [
      key,
      key === 'shape'
        ? value
        : Array.isArray(value)
          ? value.map((one: number) => one / unit)
          : (value as number) / unit,
    ]),
  ) as Golden; // the same entries
  return measure({ shape, values: values.map((value) => value / unit) }, scaled, TOLERANCES[what] ?? 1e-5, what);
}
