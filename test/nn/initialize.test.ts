import assert from 'node:assert/strict';
import type { Network } from '@ssql/core';
import { describe as describeNetwork } from '../../packages/core/src/nn/describe.js';
import { initialValue, type ConvolutionInitialization } from '../../packages/core/src/nn/initialize.js';

/** Layers whose inputs and outputs differ in number. */
const network: Network = {
  forward(nn, x) {
    const y = nn.conv2d(x, 'conv', { filters: 128, kernel: 3, stride: 1, padding: 1, bias: true });
    const z = nn.depthwiseConv2d(y, 'depthwise', { kernel: 5, stride: 1, padding: 2, bias: true });
    return nn.linear(nn.globalAveragePool(z), 'linear', { units: 500, bias: true });
  },
};

function valuesOf(convolutions?: ConvolutionInitialization): { readonly [name: string]: Float32Array } {
  const { parameters } = describeNetwork(network, [2, 8, 8, 16]);
  return Object.fromEntries(
    parameters.map((parameter) => [parameter.name, initialValue(parameter, 7, convolutions)] as const),
  );
}

/** Of the mean of `values.length` independent values, or of their deviation, at 5 standard errors. */
function assertMoments(values: Float32Array, deviation: number, name: string): void {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const measured = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  const error = deviation / Math.sqrt(values.length);
  assert.ok(Math.abs(mean) < 5 * error, `${name}: mean ${mean}`);
  assert.ok(Math.abs(measured - deviation) < 5 * error, `${name}: deviation ${measured}, expected ${deviation}`);
}

/** Within the bound 1 / sqrt(fan in), and close to it on both sides. */
function assertUniform(values: Float32Array, fanIn: number, name: string): void {
  const bound = 1 / Math.sqrt(fanIn);
  const nearly = bound * (1 - 20 / values.length); // is not reached once in e^10 draws
  const [least, most] = [Math.min(...values), Math.max(...values)];
  assert.ok(-bound <= least && least < -nearly, `${name}: minimum ${least}, bound ${bound}`);
  assert.ok(nearly < most && most <= bound, `${name}: maximum ${most}, bound ${bound}`);
  assertMoments(values, bound / Math.sqrt(3), name);
}

describe('initial values', () => {
  it('of convolutions are normal with variance 2 / (k^2 outputs); their biases are 0', () => {
    const values = valuesOf();
    assertMoments(values['conv.weight']!, Math.sqrt(2 / (9 * 128)), 'conv');
    assertMoments(values['depthwise.weight']!, Math.sqrt(2 / (25 * 128)), 'depthwise');
    const within = values['conv.weight']!.filter((value) => Math.abs(value) < Math.sqrt(2 / (9 * 128))).length;
    assert.ok(Math.abs(within / values['conv.weight']!.length - 0.6827) < 0.02, 'it is not normal');
    for (const bias of ['conv.bias', 'depthwise.bias']) assert.ok(values[bias]!.every((value) => value === 0));
    assert.deepEqual(values, valuesOf('normal'));
  });

  it("of convolutions are those of PyTorch's layers where the pipeline says so", () => {
    const values = valuesOf('uniform');
    assertUniform(values['conv.weight']!, 9 * 16, 'conv');
    assertUniform(values['conv.bias']!, 9 * 16, 'conv bias');
    assertUniform(values['depthwise.weight']!, 25, 'depthwise');
    assertUniform(values['depthwise.bias']!, 25, 'depthwise bias');
  });

  it("of linear layers are always those of PyTorch's", () => {
    for (const convolutions of ['normal', 'uniform'] as const) {
      const values = valuesOf(convolutions);
      assertUniform(values['linear.weight']!, 128, 'linear');
      assertUniform(values['linear.bias']!, 128, 'linear bias');
    }
  });
});
