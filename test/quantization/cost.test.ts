import assert from 'node:assert/strict';
import { chain, named, type Network, type PinnedSites, type Precision } from '@ssql/core';
import { costOf } from '@ssql/core/run';
import { mobilenetV2 } from '../../packages/plugins/src/backbone/mobilenet-v2.js';
import { resnet18 } from '../../packages/plugins/src/backbone/resnet18.js';
import { resnet50 } from '../../packages/plugins/src/backbone/resnet50.js';
import { vgg16Bn } from '../../packages/plugins/src/backbone/vgg16-bn.js';
import { make } from '../plugins/make-plugin.js';

const UNPINNED: PinnedSites = { weights: new Map(), activations: new Map() };
const FLOAT: Precision = { weights: 'float', activations: 'float' };
const W2A4: Precision = { weights: 2, activations: 4 };

/** A stem with a site, a depthwise and a grown convolution of its output, and a linear layer of their mean. */
const small: Network = {
  forward(nn, x) {
    x = nn.conv2d(x, 'stem', { filters: 4, kernel: 3, stride: 2, padding: 1 });
    x = nn.maxPool(nn.output(nn.relu(nn.batchNorm(x, 'norm')), 'stem'), { size: 2, stride: 2, padding: 0 });
    x = nn.output(nn.relu6(nn.depthwiseConv2d(x, 'deep', { kernel: 3, stride: 1, padding: 1 })), 'deep');
    x = nn.conv2d(x, 'wide', { filters: 6, kernel: 1, stride: 1, padding: 0, bias: true });
    return nn.linear(nn.globalAveragePool(nn.output(x, 'wide')), 'head', { units: 5, bias: true });
  },
};

describe('the cost of a network', () => {
  // 8x8 -> 4x4 -> 2x2 pixels.
  const macs = { stem: 16 * 4 * 9 * 3, deep: 4 * 4 * 9, wide: 4 * 6 * 4, head: 5 * 6 };

  it('counts the products of each layer, by its definition', () => {
    const cost = costOf(small, [8, 8, 3], FLOAT, UNPINNED);
    assert.deepEqual(Object.fromEntries(cost.layers.map((layer) => [layer.layer, layer.macs])), macs);
    const total = macs.stem + macs.deep + macs.wide + macs.head;
    assert.equal(cost.macs, total);
    assert.equal(cost.bops, 32 * 32 * total);
    assert.equal(cost.bytes, 4 * (4 * 27 + 8 + 36 + 24 + 6 + 30 + 5));
  });

  it('multiplies with the bits of the weights and of what comes from the last site', () => {
    const { layers, bops, bytes } = costOf(small, [8, 8, 3], W2A4, UNPINNED);
    // The image and a mean are float.
    const expected = { stem: 2 * 32, deep: 2 * 4, wide: 2 * 4, head: 2 * 32 };
    for (const { layer, bops: found } of layers) {
      const name = layer as keyof typeof macs;
      assert.equal(found, macs[name] * expected[name], layer);
    }
    assert.equal(
      bops,
      layers.reduce((sum, layer) => sum + layer.bops, 0),
    );
    assert.equal(bytes, Math.ceil((2 * (4 * 27 + 36 + 24 + 30) + 32 * (8 + 6 + 5)) / 8));
  });

  it('keeps pins where a side is quantized', () => {
    const pins: PinnedSites = {
      weights: new Map([['deep', 8]]),
      activations: new Map<string, number | 'float'>([
        ['stem', 8],
        ['deep', 'float'],
      ]),
    };
    const precisions = (precision: Precision) =>
      costOf(small, [8, 8, 3], precision, pins).layers.map(({ precision: { weights, activations } }) => [
        weights,
        activations,
      ]);
    assert.deepEqual(precisions(W2A4), [
      [2, 'float'],
      [8, 8],
      [2, 'float'],
      [2, 'float'],
    ]);
    assert.deepEqual(precisions({ weights: 'float', activations: 4 }), [
      ['float', 'float'],
      ['float', 8],
      ['float', 'float'],
      ['float', 'float'],
    ]);
    assert.deepEqual(precisions(FLOAT), Array(4).fill(['float', 'float']));
  });

  it('adds up over networks of networks', () => {
    const twice = chain(named('first', small), {
      forward: (nn, x) => nn.linear(x, 'last', { units: 2, bias: false }),
    });
    const { layers } = costOf(twice, [8, 8, 3], W2A4, UNPINNED);
    assert.deepEqual(
      layers.map(({ layer }) => layer),
      ['first.stem', 'first.deep', 'first.wide', 'first.head', 'last'],
    );
  });

  // What is known of torchvision's networks for 224x224, less their classifiers'.
  for (const [plugin, expected] of [
    [resnet18, 1_814_073_344 - 512_000],
    [resnet50, 4_089_184_256 - 2_048_000],
    [mobilenetV2, 300_774_272 - 1_280_000],
    [vgg16Bn, 15_470_264_320 - 123_633_664],
  ] as const)
    it(`of ${plugin.name} is what is known of it`, async () => {
      const network = await make<'backbone'>(plugin);
      assert.equal(costOf(network, [224, 224, 3], FLOAT, UNPINNED).macs, expected);
    });
});
