import * as tf from '@tensorflow/tfjs-core';
import type { Granularity, Observer, ObserverState } from '@ssql/core';
import { gaussian } from '../../packages/plugins/src/observer/gaussian.js';
import { minmax } from '../../packages/plugins/src/observer/minmax.js';
import { movingAverageMinmax } from '../../packages/plugins/src/observer/moving-average-minmax.js';
import { mse } from '../../packages/plugins/src/observer/mse.js';
import { percentile } from '../../packages/plugins/src/observer/percentile.js';
import { toHost, toTensor } from '../plugins/context.js';
import { make } from '../plugins/make-plugin.js';
import type { Comparison } from './comparison.js';
import { goldenError, readGolden, type Golden } from './golden.js';
import { recipe, toHwio, toNhwc, weightScale, type HostTensor } from './recipe.js';

interface State {
  readonly min_val: Golden | null;
  readonly max_val: Golden | null;
}

interface Case {
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

/** Every case of the golden file of observers, against ours. */
export function observerComparisons(): readonly Comparison[] {
  return readGolden<{ cases: Case[] }>('b_observers.json').cases.map((golden, index) => {
    const { observer, input, granularity, symmetric, bit, params } = golden;
    const name = `${index} ${observer} ${input} ${granularity}${symmetric ? ' symmetric' : ''} ${bit} ${JSON.stringify(params)}`;
    if (observer === 'BASIC') return { name, unmatched: 'it has no range: the official code fails when asked for one' };
    if (observer === 'KL_HISTOGRAM')
      return {
        name,
        unmatched:
          'the official threshold does not depend on the data but for its maximum: entries of the divergence that are never written ' +
          'stay 0 and win',
      };
    return { name, error: () => PROTOCOLS[observer]!(golden) };
  });
}

/** What a case's states are compared with. Each gives the largest error of its states. */
const PROTOCOLS: { readonly [observer: string]: (golden: Case) => Promise<number> } = {
  MINMAX: async (golden) => inTurn(await make(minmax), golden),
  GAUSSIAN: async (golden) => inTurn(await make(gaussian, { official: true, deviations: 2 }), golden),
  async MOMENTUM_MINMAX(golden) {
    const { momentum = 0.99 } = golden.params;
    const observer = await make(movingAverageMinmax, { momentum });
    const ours = granularityOf(golden);
    // The official average is not of a batch, but of all batches since a reset, which comes before the third.
    const [first, second, third] = [1, 2, 3].map((number) => batch(golden, number)) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const one = observer.observe(first, ours);
    const two = observer.observe(tf.concat([first, second], first.rank - 2), ours, one);
    const three = observer.observe(third, ours, two);
    return Math.max(
      ...[one, two, three].map((state, index) =>
        errorOf(observer, state, golden, [golden.state1, golden.state2, golden.state3!][index]!),
      ),
    );
  },
  async PERCENTILE(golden) {
    const { alpha } = golden.params;
    const ours = granularityOf(golden);
    const channels = ours === 'channel' ? batch(golden, 1).shape.at(-1)! : 1;
    const count = golden.feature_length / channels;
    // The official code knows both batches' size, and rounds before it divides by the channels.
    const k = Math.floor((golden.feature_length * alpha! + 0.5) / channels);
    const all = await make(percentile, { alpha: Math.max(k / count, 1e-9) });
    const half = await make(percentile, { alpha: Math.max((2 * k) / count, 1e-9) });
    const one = half.observe(batch(golden, 1), ours);
    const two = all.observe(batch(golden, 2), ours, all.observe(batch(golden, 1), ours));
    // The official first state knows the extremes of both batches already, from a pass before.
    const first = { ...one, min: two['min']!, max: two['max']! };
    return Math.max(errorOf(half, first, golden, golden.state1),
      errorOf(all, two, golden, golden.state2),
    );
  },
  MSE: (golden) => meanSquares(golden),
  // The official code is that of MSE.
  HISTOGRAM: (golden) => meanSquares(golden),
};

async function meanSquares(golden: Case): Promise<number> {
  // The official search has asymmetric levels, also where the quantizer's are symmetric.
  return inTurn(await make(mse, { official: true, symmetric: false, samples: 1 << 20 }), golden);
}

/** One batch, then another. */
function inTurn(observer: Observer, golden: Case): number {
  const ours = granularityOf(golden);
  const one = observer.observe(batch(golden, 1), ours);
  const two = observer.observe(batch(golden, 2), ours, one);
  return Math.max(errorOf(observer, one, golden, golden.state1), errorOf(observer, two, golden, golden.state2));
}

function errorOf(observer: Observer, state: ObserverState, { bit, observer: kind }: Case, expected: State): number {
  const { min, max } = observer.range(state, tf.scalar(bit));
  const error = (found: tf.Tensor, golden: Golden): number => {
    const host = toHost(found);
    // The official code keeps the range of a tensor as a vector of one, or repeats it for each channel.
    const repeated = kind === 'PERCENTILE' && found.rank === 0;
    const size = repeated ? golden.shape[0]! : found.size;
    if (golden.shape.join() !== String(size)) return Infinity;
    const values = repeated ? new Float32Array(size).fill(host.values[0]!) : host.values;
    return goldenError({ shape: [size], values }, golden);
  };
  return Math.max(error(min, expected.min_val!), error(max, expected.max_val!));
}

function granularityOf({ granularity }: Case): Granularity {
  return granularity === 'layerwise' ? 'tensor' : 'channel';
}

/** The inputs of the file, by number from 1. */
export function batch({ input }: { readonly input: string }, number: number): tf.Tensor {
  if (input === 'weight') {
    const shape = [8, 4, 3, 3];
    return toTensor(toHwio(recipe(`b/w${number}`, shape, { scale: weightScale(shape) })));
  }
  const act = recipe(`b/act${number}`, [4, 6, 8, 8], { scale: [2, 2.6, 1.4][number - 1]! });
  const shaped: { readonly [input: string]: (value: number) => number } = {
    act: (value) => value,
    relu: (value) => Math.max(0, value),
    heavy: (value) => Math.fround(Math.fround(value * value) * value),
  };
  return toTensor(toNhwc({ ...act, values: act.values.map(shaped[input]!) } satisfies HostTensor));
}
