import assert from 'node:assert/strict';
import type { Parameter } from '@ssql/core';
import { checkSize } from '../../packages/core/src/run/check-size.js';

describe('the size of a network', () => {
  const check =
    (shape: readonly number[], memory: number, epochs = 1) =>
    (): void => {
      const parameter: Parameter = { name: 'a.weight', shape, role: 'linear', fanIn: 1, frozen: false };
      const model = { parameters: [parameter], backboneDescription: { parameters: [parameter] } };
      const cell = { pipeline: { train: { epochs } }, location: () => undefined };
      checkSize(
        model as unknown as Parameters<typeof checkSize>[0],
        cell as unknown as Parameters<typeof checkSize>[1],
        memory,
      );
    };

  it('is bounded by the memory, which holds the weights, their gradients and the new weights', () => {
    check([10, 10], 1200)();
    assert.throws(check([10, 10], 1199), { code: 'NETWORK_TOO_LARGE', message: /100 weights: they need at least/ });
  });

  it('is bounded by the weights alone if nothing is trained', () => {
    check([10, 10], 400, 0)();
    assert.throws(check([10, 10], 399, 0), { code: 'NETWORK_TOO_LARGE' });
  });

  it('is bounded for each tensor, whose elements are counted in 32 bits', () => {
    check([2 ** 31 - 1], Infinity)();
    assert.throws(check([2 ** 16, 2 ** 15], Infinity), {
      code: 'NETWORK_TOO_LARGE',
      message: /one tensor of weights has 2147483648/,
    });
  });
});
