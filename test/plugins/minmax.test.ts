import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { ObserverState } from '@ssql/core';
import { minmax } from '../../packages/plugins/src/observer/minmax.js';
import { assertGolden, readGolden, type Golden } from '../golden/golden.js';
import { recipe, toHwio, toNhwc, weightScale, type HostTensor } from '../golden/recipe.js';
import { context, onCpu, toHost, toTensor } from './context.js';

interface State {
  readonly min_val: Golden;
  readonly max_val: Golden;
}

interface Case {
  readonly observer: string;
  readonly input: string;
  readonly granularity: 'layerwise' | 'channelwise';
  readonly bit: number;
  readonly state1: State;
  readonly state2: State;
}

describe('observer minmax', () => {
  onCpu();

  const cases = readGolden<{ cases: Case[] }>('b_observers.json').cases;
  for (const { input, granularity, bit, state1, state2 } of cases.filter(({ observer }) => observer === 'MINMAX')) {
    it(`follows two batches: ${input}, ${granularity}, ${bit} bits (golden b_observers)`, async () => {
      const observer = await minmax.create({}, context);
      const ours = granularity === 'layerwise' ? 'tensor' : 'channel';
      const first = observer.observe(batch(input, 1), ours);
      assertState(observer.range(first, tf.scalar(bit)), state1);
      assertState(observer.range(observer.observe(batch(input, 2), ours, first), tf.scalar(bit)), state2);
    });
  }

  it('gives the gradient of each extreme to one element, the first', async () => {
    const observer = await minmax.create({}, context);
    const x = tf.tensor2d([3, 1, 3, 1, 0, 2], [3, 2]);
    const spread = (x: tf.Tensor, state: ObserverState): tf.Scalar => {
      const { min, max } = observer.range(state, tf.scalar(4));
      return tf.sum(tf.sub(max, min));
    };
    const channel = tf.grad((x: tf.Tensor) => spread(x, observer.observe(x, 'channel')))(x);
    assert.deepEqual([...channel.dataSync()], [1, -1, 0, 0, -1, 1]);
    const tensor = tf.grad((x: tf.Tensor) => spread(x, observer.observe(x, 'tensor')))(x);
    assert.deepEqual([...tensor.dataSync()], [1, 0, 0, 0, -1, 0]);
  });
});

function batch(input: string, number: 1 | 2): tf.Tensor {
  if (input === 'weight') {
    const shape = [8, 4, 3, 3];
    return toTensor(toHwio(recipe(`b/w${number}`, shape, { scale: weightScale(shape) })));
  }
  const act = recipe(`b/act${number}`, [4, 6, 8, 8], { scale: number === 1 ? 2 : 2.6 });
  return toTensor(toNhwc(input === 'relu' ? { ...act, values: act.values.map((value) => Math.max(0, value)) } : act));
}

/** The official code keeps a range per tensor as a vector of one. */
function assertState({ min, max }: { readonly min: tf.Tensor; readonly max: tf.Tensor }, expected: State): void {
  const vector = (tensor: tf.Tensor): HostTensor => ({ ...toHost(tensor), shape: [tensor.size] });
  assertGolden(vector(min), expected.min_val, 1e-8, 'min');
  assertGolden(vector(max), expected.max_val, 1e-8, 'max');
}
