import assert from 'node:assert/strict';
import type { Engine, Network } from '@ssql/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { costOf } from '../../packages/core/src/evaluate/cost.js';
import { describe as describeNetwork } from '../../packages/core/src/nn/describe.js';
import { execute, NO_HOOKS } from '../../packages/core/src/nn/execute.js';
import { foldBatchNorms } from '../../packages/core/src/nn/fold.js';
import { initialValue } from '../../packages/core/src/nn/initialize.js';
import { chain, named } from '../../packages/core/src/nn/network.js';
import { onEngines } from '../train/engines.js';

const pool: Network = { forward: (nn, x) => nn.globalAveragePool(x) };
const last: Network = {
  forward: (nn, x) => nn.weightNormLinear(nn.unitLength(nn.gelu(x)), 'last', { units: 2 }),
};
const network = named('head', last);

describe('a layer with weight normalization, described', () => {
  it("has PyTorch's names, a frozen length of 1, and no quantization site", () => {
    const { parameters, weightSites, output } = describeNetwork(network, [4, 3]);
    assert.deepEqual(
      parameters.map(({ name, shape, frozen }) => [name, shape.join('x'), frozen]),
      [
        ['head.last.weight_v', '3x2', false],
        ['head.last.weight_g', '1x2', true],
      ],
    );
    assert.deepEqual([...initialValue(parameters[1]!, 1)], [1, 1]);
    assert.deepEqual([weightSites, output], [[], [4, 2]]);
    assert.throws(() => describeNetwork(last, [4, 8, 8, 3]), { code: 'NETWORK_INVALID', message: /needs \[N,C\]/ });
  });

  it('is counted as float, and keeps the batch norm after it', () => {
    const pins = { weights: new Map(), activations: new Map() };
    const cost = costOf(chain(pool, last), [2, 2, 3], { weights: 4, activations: 4 }, pins);
    assert.deepEqual([cost.macs, cost.bops, cost.bytes], [6, 6 * 32 * 32, 4 * 8]);
    const normed: Network = { forward: (nn, x) => nn.batchNorm(nn.weightNormLinear(x, 'last', { units: 2 }), 'norm') };
    const folded = describeNetwork(foldBatchNorms(normed).network, [4, 3]);
    assert.deepEqual(
      folded.statistics.map(({ name }) => name),
      ['norm.running_mean', 'norm.running_var'],
    );
  });
});

onEngines('normalized layers', (engine) => {
  const computed = (of: Network, x: readonly number[], parameters: { readonly [name: string]: Tensor } = {}) => {
    const { tf } = engine();
    const executed = execute(engine(), {
      parameter: (name) => parameters[name]!,
      normalization: () => assert.fail('it has no batch norm'),
      sites: NO_HOOKS,
    });
    return tf.tidy(() => [...of.forward<Tensor>(executed, tf.tensor2d([...x], [1, x.length])).dataSync()]);
  };

  it('are what their formulas say', () => {
    const { tf } = engine();
    near(computed({ forward: (nn, x) => nn.gelu(x) }, [0, 1, -1, 3]), [0, 0.841345, -0.158655, 2.99595]);
    near(computed({ forward: (nn, x) => nn.unitLength(x) }, [3, 0, -4]), [0.6, 0, -0.8]);
    near(computed({ forward: (nn, x) => nn.unitLength(x) }, [0, 0]), [0, 0]);
    // Units (0, 3, 4) and (2, 0, 0) of lengths 5 and 2; g is 1 and 10.
    const parameters = {
      'last.weight_v': tf.tensor2d([0, 2, 3, 0, 4, 0], [3, 2]),
      'last.weight_g': tf.tensor2d([1, 10], [1, 2]),
    };
    const linear: Network = { forward: (nn, x) => nn.weightNormLinear(x, 'last', { units: 2 }) };
    near(computed(linear, [7, 1, 2], parameters), [(3 + 8) / 5, 70]);
  });

  it('have finite gradients at zero', () => {
    const { tf } = engine();
    const gradient = (of: Network) => tf.grad((x) => tf.sum(runs(engine(), of)(x)))(tf.zeros([2, 3]));
    for (const of of [{ forward: (nn, x) => nn.unitLength(x) }, { forward: (nn, x) => nn.gelu(x) }] satisfies Network[])
      assert.ok(gradient(of).dataSync().every(Number.isFinite));
  });
});

function runs(engine: Engine, network: Network): (x: Tensor) => Tensor {
  const nothing = (): never => assert.fail('it has no parameters');
  const executed = execute(engine, { parameter: nothing, normalization: nothing, sites: NO_HOOKS });
  return (x) => network.forward(executed, x);
}

function near(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, index) =>
    assert.ok(Math.abs(value - expected[index]!) < 1e-5, `${value}, not ${expected[index]}`),
  );
}
