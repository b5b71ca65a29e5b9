import { definePlugin, type Operations } from '@ssql/core';
import { BackboneTester } from '@ssql/core/testing';
import { testBreaks } from './breaks.js';

/** Differences from a correct backbone. */
interface Flaw {
  readonly layer?: string;
  readonly site?: string;
  readonly filters?: <T>(x: T) => number;
  /** Replaces the site and the pool. */
  readonly end?: <T>(nn: Operations<T>, x: T) => T;
  readonly beside?: <T>(nn: Operations<T>, x: T) => void;
}

/** Two convolutions. */
function backbone({ layer = 'conv2', site = 'conv2', filters = () => 6, end, beside }: Flaw = {}) {
  return definePlugin({
    kind: 'backbone',
    name: 'flawed',
    summary: 'A backbone with a flaw.',
    options: { type: 'object', additionalProperties: false, properties: {} },
    create: () => ({
      forward<T>(nn: Operations<T>, x: T): T {
        const options = { kernel: 3, stride: 1, padding: 1 };
        const inner = nn.relu(nn.batchNorm(nn.conv2d(x, 'conv1', { ...options, filters: filters(x) }), 'bn1'));
        const outer = nn.relu(
          nn.batchNorm(nn.conv2d(nn.output(inner, 'conv1'), layer, { ...options, filters: 6 }), 'bn2'),
        );
        beside?.(nn, inner);
        return end ? end(nn, outer) : nn.globalAveragePool(nn.output(outer, site));
      },
    }),
  });
}

const NAMES = 'its layers and sites have unique names';

describe('BackboneTester', () => {
  testBreaks(
    BackboneTester,
    [
      { title: 'passes a correct backbone', plugin: backbone(), breaks: [] },
      {
        title: 'detects a missing pool',
        plugin: backbone({ end: (nn, x) => nn.output(x, 'conv2') }),
        breaks: ['its output is [N,C]'],
      },
      {
        title: 'detects a width that depends on the batch',
        plugin: backbone({ filters: (x) => (Array.isArray(x) && x[0] === 5 ? 7 : 6) }), // a shape while it is described
        breaks: ['its description does not depend on the batch'],
      },
      { title: 'detects two sites with one name', plugin: backbone({ site: 'conv1' }), breaks: [NAMES] },
      { title: 'detects a site without a name', plugin: backbone({ site: '' }), breaks: [NAMES] },
      {
        title: 'detects a layer that is used twice',
        plugin: backbone({ end: (nn, x) => nn.globalAveragePool(nn.output(nn.batchNorm(x, 'bn2'), 'conv2')) }),
        breaks: [NAMES],
      },
      {
        title: "detects names unlike PyTorch's",
        plugin: backbone({ layer: 'Conv 2' }),
        breaks: ['its parameters are named as in PyTorch'],
      },
      {
        title: 'detects a layer whose output is unused',
        plugin: backbone({ beside: (nn, x) => nn.batchNorm(x, 'idle') }),
        breaks: ['every parameter gets a gradient'],
      },
      {
        title: 'detects infinite values',
        plugin: backbone({
          end(nn, x) {
            let y = nn.globalAveragePool(nn.output(x, 'conv2'));
            for (let i = 0; i < 200; i++) y = nn.add(y, y);
            return y;
          },
        }),
        breaks: [
          'its features are finite and differ between images, float and quantized',
          'every parameter gets a gradient',
        ],
      },
    ],
    { valid: [{ options: {}, input: [8, 6, 3] }], invalid: [] },
    // A backbone uses only operations: it owns no tensors.
    ['it leaks no tensor', 'it reads no values on the host', 'compiled, it agrees with eager execution'],
  );
});
