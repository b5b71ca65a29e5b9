import type { Tensor } from '@tensorflow/tfjs-core';
import type { Granularity, Observer, ObserverState, Tf } from '@ssql/core';
import { minmax } from '../../packages/plugins/src/observer/minmax.js';
import { movingAverageMinmax } from '../../packages/plugins/src/observer/moving-average-minmax.js';
import { percentile } from '../../packages/plugins/src/observer/percentile.js';
import { toHost, toTensor } from '../plugins/context.js';
import { make } from '../plugins/make-plugin.js';
import { goldenRecipe, measure, measureNumber, readGolden, type Golden, type Measure } from '../golden/golden.js';
import { toHwio, toNhwc, weightScale, type HostTensor } from '../golden/recipe.js';
import { officialGaussian } from './official/gaussian.js';
import { officialMse } from './official/mse.js';
import type { ParityCase } from './parity-case.js';
import { numbersAfter, shapeIn } from './stated.js';

interface State {
  readonly min_val: Golden | null;
  readonly max_val: Golden | null;
}

interface Case extends ObservedBatches {
  readonly observer: string;
  readonly input: string;
  readonly granularity: 'layerwise' | 'channelwise';
  readonly symmetric: boolean;
  readonly bit: number;
  readonly params: { readonly momentum?: number; readonly alpha?: number; readonly bins?: number };
  readonly feature_length: number;
  readonly state1: State;
  readonly state2: State;
  readonly state3?: State;
}

/** What the batches of a case are made of: the names, shape and scales of each kind of input, in words. */
export interface ObservedBatches {
  readonly input: string;
  readonly inputs: { readonly [input: string]: string };
}

/** Every case of the golden file of observers. */
export function observerCases(file: string): readonly ParityCase[] {
  const { inputs, cases } = readGolden<Pick<Case, 'inputs'> & { cases: Omit<Case, 'inputs'>[] }>(file);
  return cases.map((stated, index) => {
    const golden: Case = { ...stated, inputs };
    const { observer, input, granularity, symmetric, bit, params } = golden;
    const words = [
      index,
      observer,
      input,
      granularity,
      symmetric ? 'symmetric' : 'asymmetric',
      bit,
      JSON.stringify(params),
    ];
    return {
      name: words.join(' '),
      measure: async ({ tf }) => PROTOCOLS[observer]!(golden, tf),
    };
  });
}

/** How a case is run. */
const PROTOCOLS: { readonly [observer: string]: (golden: Case, tf: Tf) => Promise<readonly Measure[]> } = {
  // It has no range: the official code fails when it is asked for one. There is nothing of ours to compare.
  BASIC: async ({ state1 }) => [
    {
      what: 'not ours: the official code has no range here either',
      error: state1.min_val === null ? 0 : Infinity,
      tolerance: 0,
    },
  ],
  KL_HISTOGRAM: async (golden, tf) => officialKl(golden, tf),
  MINMAX: async (golden, tf) => inTurn(tf, await make(minmax, {}, { tf }), golden),
  GAUSSIAN: async (golden, tf) => inTurn(tf, await officialGaussian(tf), golden),
  async MOMENTUM_MINMAX(golden, tf) {
    const { momentum = 0.99 } = golden.params;
    const observer = await make(movingAverageMinmax, { momentum }, { tf });
    const ours = granularityOf(golden);
    // The official average is not of a batch, but of all batches since a reset, which comes before the third.
    const [first, second, third] = [1, 2, 3].map((number) => batch(golden, number)) as [Tensor, Tensor, Tensor];
    const one = observer.observe(first, ours);
    const two = observer.observe(tf.concat([first, second], first.rank - 2), ours, one);
    const three = observer.observe(third, ours, two);
    return [
      ...compared(tf, observer, one, golden, 'state1'),
      ...compared(tf, observer, two, golden, 'state2'),
      ...compared(tf, observer, three, golden, 'state3'),
    ];
  },
  async PERCENTILE(golden, tf) {
    const { alpha } = golden.params;
    const ours = granularityOf(golden);
    const channels = ours === 'channel' ? batch(golden, 1).shape.at(-1)! : 1;
    const count = golden.feature_length / channels;
    // The official code knows both batches' size, and rounds before it divides by the channels.
    const k = Math.floor((golden.feature_length * alpha! + 0.5) / channels);
    const all = await make(percentile, { alpha: Math.max(k / count, 1e-9) }, { tf });
    const half = await make(percentile, { alpha: Math.max((2 * k) / count, 1e-9) }, { tf });
    const one = half.observe(batch(golden, 1), ours);
    const two = all.observe(batch(golden, 2), ours, all.observe(batch(golden, 1), ours));
    // The official first state knows the extremes of both batches already, from a pass before.
    const first = { ...one, min: two['min']!, max: two['max']! };
    return [...compared(tf, half, first, golden, 'state1'), ...compared(tf, all, two, golden, 'state2')];
  },
  MSE: async (golden, tf) => inTurn(tf, await officialMse(tf), golden),
  // The official code is that of MSE.
  HISTOGRAM: async (golden, tf) => inTurn(tf, await officialMse(tf), golden),
};

/**
 * Ours is not the official threshold, which the data decides by its maximum alone: entries of the divergence that are never written stay 0
 * and win. This measures that claim, so that the case is not left out; ours is tested in `observers.test.ts`.
 */
function officialKl(golden: Case, tf: Tf): readonly Measure[] {
  const { bit, input, params, state1 } = golden;
  const levels = input === 'relu' ? 2 ** (bit + 1) - 1 : 2 ** bit - 1;
  const batches = [1, 2].map((number) => batch(golden, number));
  const channels = granularityOf(golden) === 'channel' ? batches[0]!.shape.at(-1)! : 1;
  const extremes = tf.max(tf.abs(tf.reshape(tf.concat(batches, batches[0]!.rank - 2), [-1, channels])), 0).dataSync();
  const expected = (state1.max_val as { readonly values: readonly number[] }).values; // few enough to be all there
  return Array.from(extremes, (extreme, channel) =>
    measureNumber(
      ((2 * extreme) / params.bins!) * (Math.floor(params.bins! / 2) - levels),
      expected[channel]!,
      1e-6,
      'not ours: the official threshold is made of bins and the maximum alone, whatever the data',
    ),
  );
}

/** One batch, then another. */
function inTurn(tf: Tf, observer: Observer, golden: Case): readonly Measure[] {
  const ours = granularityOf(golden);
  const one = observer.observe(batch(golden, 1), ours);
  const two = observer.observe(batch(golden, 2), ours, one);
  return [...compared(tf, observer, one, golden, 'state1'), ...compared(tf, observer, two, golden, 'state2')];
}

function compared(
  tf: Tf,
  observer: Observer,
  state: ObserverState,
  golden: Case,
  which: 'state1' | 'state2' | 'state3',
): readonly Measure[] {
  const { min, max } = observer.range(state, tf.scalar(golden.bit));
  const expected = golden[which]!;
  // A search whose comparisons are close: another engine's power decides some of the last ones otherwise.
  const tolerance = /MSE|HISTOGRAM/.test(golden.observer) ? 1e-4 : 2e-6;
  const one = (found: Tensor, expected: Golden, what: string): Measure => {
    const host = toHost(found);
    // The official code keeps the range of a tensor as a vector of one, or repeats it for each channel.
    const values = found.rank === 0 ? new Float32Array(expected.shape[0]!).fill(host.values[0]!) : host.values;
    return measure({ shape: [values.length], values }, expected, tolerance, `${which}: ${what}`);
  };
  return [one(min, expected.min_val!, 'min'), one(max, expected.max_val!, 'max')];
}

function granularityOf({ granularity }: Case): Granularity {
  return granularity === 'layerwise' ? 'tensor' : 'channel';
}

/** The inputs of the file, by number from 1. */
export function batch({ input, inputs }: ObservedBatches, number: number): Tensor {
  if (input === 'weight') {
    const shape = shapeIn(inputs['weight']!);
    return toTensor(toHwio(goldenRecipe(`b/w${number}`, shape, { scale: weightScale(shape) })));
  }
  const stated = inputs['act']!;
  const scale = numbersAfter('scales', stated)[number - 1]!;
  const act = goldenRecipe(`b/act${number}`, shapeIn(stated), { scale });
  const shaped: { readonly [input: string]: (value: number) => number } = {
    act: (value) => value,
    relu: (value) => Math.max(0, value),
    heavy: (value) => Math.fround(Math.fround(value * value) * value),
  };
  return toTensor(toNhwc({ ...act, values: act.values.map(shaped[input]!) } satisfies HostTensor));
}
