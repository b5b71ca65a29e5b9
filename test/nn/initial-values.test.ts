import assert from 'node:assert/strict';
import type { Network } from '@ssql/core';
import { describe as describeNetwork } from '../../packages/core/src/nn/describe.js';
import { initialValue } from '../../packages/core/src/nn/initialize.js';
import { assertUniform } from '../plugins/distribution.js';

/** No layer has as many inputs as outputs, nor a kernel as large as either. */
const network: Network = {
  forward(nn, x) {
    let y = nn.conv2d(x, 'widens', { filters: 96, kernel: 3, stride: 1, padding: 1 });
    y = nn.depthwiseConv2d(y, 'depthwise', { kernel: 5, stride: 1, padding: 2 });
    y = nn.conv2d(y, 'narrows', { filters: 20, kernel: 1, stride: 1, padding: 0, bias: true });
    return nn.linear(nn.globalAveragePool(y), 'linear', { units: 1500, bias: true });
  },
};

describe('the initial values of layers that are not square', () => {
  const { parameters } = describeNetwork(network, [2, 8, 8, 7]);
  const values = (name: string): number[] => {
    const parameter = parameters.find((parameter) => parameter.name === name);
    assert.ok(parameter);
    return [...initialValue(parameter, 3)];
  };

  it('are normal with variance 2 / (k^2 filters) in convolutions', () => {
    const expected = { widens: 2 / (9 * 96), depthwise: 2 / (25 * 96), narrows: 2 / 20 };
    for (const [layer, variance] of Object.entries(expected)) {
      const weights = values(`${layer}.weight`);
      const mean = weights.reduce((sum, value) => sum + value, 0) / weights.length;
      const actual = weights.reduce((sum, value) => sum + (value - mean) ** 2, 0) / weights.length;
      const standardError = Math.sqrt(2 / weights.length);
      assert.ok(
        Math.abs(actual / variance - 1) < 4 * standardError,
        `variance of ${layer}: ${actual}, not ${variance}`,
      );
      assert.ok(Math.abs(mean) < 4 * Math.sqrt(variance / weights.length), `mean of ${layer}: ${mean}`);
      // A normal variable's fourth moment is three times its squared variance; a uniform variable's is 1.8 times.
      const fourth = weights.reduce((sum, value) => sum + (value - mean) ** 4, 0) / weights.length / actual ** 2;
      assert.ok(Math.abs(fourth - 3) < 0.5, `kurtosis of ${layer}: ${fourth}`);
    }
  });

  it('are uniform in +-1 / sqrt(inputs) in linear layers', () => {
    const bound = 1 / Math.sqrt(20);
    assertUniform(values('linear.weight'), -bound, bound, 'weights', 1e-7);
    assertUniform(values('linear.bias'), -bound, bound, 'biases', 1e-7);
  });

  it('are 0 in biases of convolutions', () => {
    assert.ok(values('narrows.bias').every((value) => value === 0));
  });
});
