import assert from 'node:assert/strict';
import type { Network } from '@ssql/core';
import { describe as describeNetwork } from '../../packages/core/src/nn/describe.js';
import { initialStatistic, initialValue } from '../../packages/core/src/nn/initialize.js';
import { chain, named } from '../../packages/core/src/nn/network.js';

const stem: Network = {
  forward(nn, x) {
    const y = nn.relu(nn.batchNorm(nn.conv2d(x, 'conv', { filters: 4, kernel: 3, stride: 2, padding: 1 }), 'bn'));
    return nn.globalAveragePool(nn.output(nn.maxPool(y, { size: 2, stride: 2, padding: 0 }), 'conv'));
  },
};
const head: Network = {
  forward: (nn, x) => nn.batchNorm(nn.linear(x, '0', { units: 5, bias: 'frozen' }), '1', { affine: false }),
};
const doubleOutput: Network = {
  forward: (nn, x) => nn.output(nn.linear(nn.output(x, 'y'), 'a', { units: 4, bias: false }), 'y'),
};
/** Layers with options as JavaScript can have them. */
const linearWith = (options: object): Network => ({
  forward: (nn, x) => nn.linear(x, 'a', { units: 4, bias: false, ...options }),
});
const normWith = (options: object): Network => ({ forward: (nn, x) => nn.batchNorm(x, 'a', options) });
const network = chain(stem, named('head', head));

describe('a network, described', () => {
  const description = describeNetwork(network, [2, 8, 8, 3]);

  it('lists parameters, statistics and sites by torch names, in order', () => {
    assert.deepEqual(
      description.parameters.map(({ name, shape, frozen }) => [name, shape.join('x'), frozen]),
      [
        ['conv.weight', '3x3x3x4', false],
        ['bn.weight', '4', false],
        ['bn.bias', '4', false],
        ['head.0.weight', '4x5', false],
        ['head.0.bias', '5', true],
      ],
    );
    assert.deepEqual(
      description.statistics.map(({ name }) => name),
      ['bn.running_mean', 'bn.running_var', 'head.1.running_mean', 'head.1.running_var'],
    );
    assert.deepEqual(description.weightSites, ['conv', 'head.0']);
    assert.deepEqual(description.outputSites, ['conv']);
    assert.deepEqual(description.output, [2, 5]);
  });

  const faulty: readonly (readonly [says: RegExp, network: Network, input: readonly number[]])[] = [
    [/a max pool turns \[2,1,1,4\] into \[2,0,0,4\]: the image is too small/, network, [2, 1, 1, 3]],
    [/conv needs images \[N,H,W,C\], not \[2,3\]/, stem, [2, 3]],
    [/0 is linear and needs \[N,C\], not \[2,8,8,3\]/, head, [2, 8, 8, 3]],
    [
      /it adds tensors of different shapes, \[2,3\] and \[2,4\]/,
      { forward: (nn, x) => nn.add(x, nn.linear(x, 'a', { units: 4, bias: true })) },
      [2, 3],
    ],
    [
      /a\.weight is \[3,4\] in one place and \[4,4\] in another/,
      { forward: (nn, x) => nn.linear(nn.linear(x, 'a', { units: 4, bias: false }), 'a', { units: 4, bias: false }) },
      [2, 3],
    ],
    [
      /a\.bias belongs to two layers of the same name that differ/,
      { forward: (nn, x) => nn.linear(nn.linear(x, 'a', { units: 3, bias: true }), 'a', { units: 3, bias: 'frozen' }) },
      [2, 3],
    ],
    [/y is \[2,3\] in one place and \[2,4\] in another/, doubleOutput, [2, 3]],
    [/a has `bias` "yes"; expected true or false/, linearWith({ bias: 'yes' }), [2, 3]],
    [/a has `units` "4"; expected a whole number/, linearWith({ units: '4' }), [2, 3]],
    [/a has `unitWeights` 1; expected true or false/, linearWith({ unitWeights: 1 }), [2, 3]],
    [/a has `affine` "no"; expected true or false/, normWith({ affine: 'no' }), [2, 3]],
    [/a has `initialScale` "1"; expected a finite number/, normWith({ initialScale: '1' }), [2, 3]],
  ];
  for (const [says, wrong, input] of faulty) {
    it(`refuses: ${says.source}`, () => {
      assert.throws(() => describeNetwork(wrong, input), { code: 'NETWORK_INVALID', message: says });
    });
  }

  it('shares the weights of a layer that is used twice', () => {
    const shared: Network = {
      forward: (nn, x) => nn.linear(nn.linear(x, 'a', { units: 3, bias: false }), 'a', { units: 3, bias: false }),
    };
    assert.equal(describeNetwork(shared, [2, 3]).parameters.length, 1);
  });

  it('has bounds, which an endless loop and a width that doubles reach', () => {
    const endless: Network = {
      forward(nn, x) {
        let y = x;
        for (let i = 0; ; i++) y = nn.linear(y, `layer${i}`, { units: 3, bias: false });
      },
    };
    assert.throws(() => describeNetwork(endless, [2, 3]), {
      code: 'NETWORK_INVALID',
      message: /more than 30000 tensors/,
    });
    const wide = (units: number) => () => describeNetwork(linearWith({ units }), [2, 3]);
    wide(2 ** 31 - 1)();
    assert.throws(wide(2 ** 31), { code: 'NETWORK_INVALID', message: /`units` 2147483648; .* below 2 \*\* 31/ });
  });

  it('begins with values that depend on the seed and the name alone', () => {
    const wide = { name: 'a.weight', shape: [3, 3, 64, 64], role: 'convolution', fanIn: 576, frozen: false } as const;
    const values = initialValue(wide, 1);
    assert.deepEqual(initialValue(wide, 1), values);
    assert.notDeepEqual(initialValue(wide, 2), values);
    assert.notDeepEqual(initialValue({ ...wide, name: 'b.weight' }, 1), values);
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    assert.ok(Math.abs(deviation / Math.sqrt(2 / (9 * 64)) - 1) < 0.01, `standard deviation ${deviation}`);
    for (const role of ['linear', 'bias'] as const) {
      const uniform = initialValue({ name: 'l', shape: [16, 1000], role, fanIn: 16, frozen: false }, 1);
      assert.ok(uniform.every((value) => Math.abs(value) <= 0.25));
      assert.ok(Math.max(...uniform) > 0.249 && Math.min(...uniform) < -0.249);
    }
    const ofRole = (role: 'scale' | 'shift'): number[] => [
      ...initialValue({ name: 'bn', shape: [2], role, fanIn: 0, frozen: false }, 1),
    ];
    assert.deepEqual(
      [ofRole('scale'), ofRole('shift')],
      [
        [1, 1],
        [0, 0],
      ],
    );
    assert.deepEqual([...initialStatistic({ name: 'v', shape: [2], role: 'variance' })], [1, 1]);
    assert.deepEqual([...initialStatistic({ name: 'm', shape: [2], role: 'mean' })], [0, 0]);
  });
});
