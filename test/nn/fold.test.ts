import assert from 'node:assert/strict';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Engine, Network, Tensors } from '@ssql/core';
import { describe as describeNetwork, type Shape } from '../../packages/core/src/nn/describe.js';
import { execute, NO_HOOKS, type SiteHooks } from '../../packages/core/src/nn/execute.js';
import { foldBatchNorms } from '../../packages/core/src/nn/fold.js';
import { runningStatistics } from '../../packages/core/src/nn/normalization.js';
import { plugins } from '../../packages/plugins/src/index.js';
import { assertClose, values } from '../engine/tensors.js';
import { LAW_CASES } from '../plugins/law-cases.js';
import { make } from '../plugins/make-plugin.js';
import { onEngines } from '../train/engines.js';

/** Every layer that a batch norm can follow, with and without bias and affine part. */
const foldable: Network = {
  forward(nn, x) {
    x = nn.relu(nn.batchNorm(nn.conv2d(x, 'plain', { filters: 4, kernel: 3, stride: 2, padding: 1 }), 'norm1'));
    x = nn.batchNorm(nn.conv2d(x, 'biased', { filters: 3, kernel: 1, stride: 1, padding: 0, bias: true }), 'norm2');
    x = nn.batchNorm(nn.depthwiseConv2d(nn.output(x, 'biased'), 'deep', { kernel: 3, stride: 1, padding: 1 }), 'norm3');
    x = nn.globalAveragePool(nn.relu6(x));
    return nn.batchNorm(nn.linear(x, 'linear', { units: 5, bias: true }), 'norm4', { affine: false });
  },
};

describe('batch norms that fold', () => {
  it('leave the network, and their layers get a bias', () => {
    const { parameters, statistics, weightSites, outputSites } = describeNetwork(
      foldBatchNorms(foldable).network,
      [2, 8, 8, 3],
    );
    assert.deepEqual(statistics, []);
    assert.deepEqual(
      parameters.map(({ name, shape }) => `${name} ${shape.join('x')}`),
      ['plain.weight 3x3x3x4', 'plain.bias 4', 'biased.weight 1x1x4x3', 'biased.bias 3'].concat([
        'deep.weight 3x3x1x3',
        'deep.bias 3',
        'linear.weight 3x5',
        'linear.bias 5',
      ]),
    );
    assert.deepEqual(weightSites, ['plain', 'biased', 'deep', 'linear']);
    assert.deepEqual(outputSites, ['biased']);
  });

  const layer = { filters: 3, kernel: 1, stride: 1, padding: 0 };
  const staying: readonly (readonly [what: string, network: Network, norms: readonly string[]])[] = [
    ['of the image', { forward: (nn, x) => nn.conv2d(nn.batchNorm(x, 'norm'), 'conv', layer) }, ['norm']],
    ['after a ReLU', { forward: (nn, x) => nn.batchNorm(nn.relu(nn.conv2d(x, 'conv', layer)), 'norm') }, ['norm']],
    ['after a site', { forward: (nn, x) => nn.batchNorm(nn.output(nn.conv2d(x, 'conv', layer), 'conv'), 'norm') }, ['norm']],
    [
      'of an output that also goes elsewhere',
      {
        forward(nn, x) {
          const y = nn.conv2d(x, 'conv', layer);
          return nn.add(nn.batchNorm(y, 'norm'), y);
        },
      },
      ['norm'],
    ],
    [
      'of a layer that has another one in another place',
      {
        forward: (nn, x) =>
          nn.batchNorm(nn.conv2d(nn.batchNorm(nn.conv2d(x, 'conv', layer), 'one'), 'conv', layer), 'two'),
      },
      ['one', 'two'],
    ],
    [
      'that also follows something else',
      {
        forward: (nn, x) => nn.batchNorm(nn.relu(nn.batchNorm(nn.conv2d(x, 'conv', layer), 'norm')), 'norm'),
      },
      ['norm'],
    ],
    ['at the end of a second one', { forward: (nn, x) => nn.batchNorm(nn.batchNorm(nn.conv2d(x, 'conv', layer), 'one'), 'two') }, ['two']],
  ]; // prettier-ignore
  for (const [what, network, norms] of staying)
    it(`all but those ${what}`, () => {
      const { statistics } = describeNetwork(foldBatchNorms(network).network, [2, 4, 4, 3]);
      const found = statistics.filter(({ role }) => role === 'mean').map(({ name }) => name.split('.')[0]);
      assert.deepEqual(found, norms);
    });
});

onEngines('a folded network', (engine) => {
  it('computes the same as before', () => computesTheSame(engine(), foldable, [2, 8, 8, 3]));

  for (const plugin of plugins.filter(({ kind }) => kind === 'backbone')) {
    it(`and so does ${plugin.name}, all of whose batch norms fold`, async () => {
      const { base = {}, input = [32, 32, 3] } = LAW_CASES[`backbone ${plugin.name}`] ?? {};
      const network = await make<'backbone'>(plugin as Parameters<typeof make<'backbone'>>[0], base);
      const shape = [2, ...input];
      assert.deepEqual(describeNetwork(foldBatchNorms(network).network, shape).statistics, []);
      computesTheSame(engine(), network, shape);
    });
  }

  it('hands the folded weight to its site', () => {
    const { tf } = engine();
    const state = stateOf(engine(), foldable, [2, 8, 8, 3]);
    const { network, tensors } = foldBatchNorms(foldable);
    const treated = new Map<string, number[]>();
    tf.tidy(() => {
      const weight: SiteHooks['weight'] = (layer, weight) => {
        treated.set(layer, [...weight.dataSync()]);
        return weight;
      };
      run(engine(), network, { ...state, ...tensors(tf, state) }, [2, 8, 8, 3], { ...NO_HOOKS, weight });
    });
    const of = (name: string): number[] => [...state[name]!.dataSync()];
    const [gamma, variance] = [of('norm3.weight'), of('norm3.running_var')];
    const expected = of('deep.weight').map((value, i) => (value * gamma[i % 3]!) / Math.sqrt(variance[i % 3]! + 1e-5));
    assertClose(treated.get('deep')!, expected, 1e-6);
    tf.dispose(state);
  });
});

function computesTheSame(engine: Engine, network: Network, input: Shape): void {
  const { tf } = engine;
  const before = engine.memory().tensors;
  const state = stateOf(engine, network, input);
  const folded = foldBatchNorms(network);
  const tensors = folded.tensors(tf, state);
  const [ours, theirs] = tf.tidy(() => [
    run(engine, folded.network, { ...state, ...tensors }, input).dataSync(),
    run(engine, network, state, input).dataSync(),
  ]);
  assert.ok(Math.max(...theirs!.map(Math.abs)) > 0.1, 'there is something to compare');
  assertClose(ours!, theirs!, 1e-5);
  tf.dispose([state, tensors]);
  assert.equal(engine.memory().tensors, before, 'tensors are left');
}

function run(engine: Engine, network: Network, state: Tensors, input: Shape, sites = NO_HOOKS): Tensor {
  const normalization = runningStatistics(engine, new Map(Object.entries(state)));
  const parameter = (name: string): Tensor => state[name]!;
  return network.forward(execute(engine, { parameter, normalization, sites }), values([...input] as [number], 5));
}

/** Tensors of a network, none of them what it begins with. */
function stateOf({ tf }: Engine, network: Network, input: Shape): Tensors {
  const { parameters, statistics } = describeNetwork(network, input);
  return Object.fromEntries(
    [...parameters, ...statistics].map(({ name, shape, role }, index) => {
      const positive = role === 'scale' || role === 'variance';
      return [name, tf.tidy(() => tf.add(tf.mul(values([...shape] as [number], index), 0.4), positive ? 1 : 0))];
    }),
  );
}
