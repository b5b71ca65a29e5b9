import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { ObserverState } from '@ssql/core';
import { minmax } from '../../packages/plugins/src/observer/minmax.js';
import { assertGolden, readGolden, type Golden } from '../golden/golden.js';
import type { HostTensor } from '../golden/recipe.js';
import { batch } from '../parity/observers.js';
import { context, onCpu, toHost } from './context.js';

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

  it('follows two batches exactly (golden b_observers)', async () => {
    const { cases, inputs } = readGolden<{ cases: Case[]; inputs: { [input: string]: string } }>('b_observers.json');
    const ofMinmax = cases.filter(({ observer }) => observer === 'MINMAX');
    assert.ok(ofMinmax.length > 0);
    for (const { input, granularity, bit, state1, state2 } of ofMinmax) {
      const name = `${input}, ${granularity}, ${bit} bits`;
      const observer = await minmax.create({}, context);
      const ours = granularity === 'layerwise' ? 'tensor' : 'channel';
      const first = observer.observe(batch({ input, inputs }, 1), ours);
      assertState(observer.range(first, tf.scalar(bit)), state1, name);
      const both = observer.observe(batch({ input, inputs }, 2), ours, first);
      assertState(observer.range(both, tf.scalar(bit)), state2, name);
    }
  });

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

/** The official code keeps a range per tensor as a vector of one. */
function assertState(
  { min, max }: { readonly min: tf.Tensor; readonly max: tf.Tensor },
  expected: State,
  name: string,
): void {
  const vector = (tensor: tf.Tensor): HostTensor => ({ ...toHost(tensor), shape: [tensor.size] });
  assertGolden(vector(min), expected.min_val, 1e-8, `${name}: min`);
  assertGolden(vector(max), expected.max_val, 1e-8, `${name}: max`);
}
