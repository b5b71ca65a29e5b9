import assert from 'node:assert/strict';
import { resnet101 } from '../../packages/plugins/src/backbone/resnet101.js';
import { resnet18 } from '../../packages/plugins/src/backbone/resnet18.js';
import { resnet34 } from '../../packages/plugins/src/backbone/resnet34.js';
import { resnet50 } from '../../packages/plugins/src/backbone/resnet50.js';
import { describe as describeNetwork } from '../../packages/core/src/nn/describe.js';
import { initialValue } from '../../packages/core/src/nn/initialize.js';
import { make } from './make-plugin.js';
import { parameterCount, readShapes } from './read-shapes.js';

describe('backbones resnet', () => {
  // torchvision's parameters less the classifier's: 1000 units and a bias.
  for (const { plugin, all, tensors, width } of [
    { plugin: resnet18, all: 11_689_512, tensors: 60, width: 512 },
    { plugin: resnet34, all: 21_797_672, tensors: 108, width: 512 },
    { plugin: resnet50, all: 25_557_032, tensors: 159, width: 2048 },
    { plugin: resnet101, all: 44_549_160, tensors: 312, width: 2048 },
  ])
    it(`${plugin.name} has as many parameters as torchvision's`, async () => {
      const reading = readShapes(await make<'backbone'>(plugin), [2, 224, 224, 3]);
      assert.deepEqual(reading.output, [2, width]);
      assert.equal(parameterCount(reading), all - 1000 * (width + 1));
      assert.equal(Object.keys(reading.parameters).length, tensors);
    });

  it('bottleneck blocks stride on the 3x3 convolution and project in the first stage', async () => {
    const network = await make<'backbone'>(resnet50, { stem: 'cifar', width: 2, blocks: [1, 2] });
    const { parameters, sites } = readShapes(network, [1, 8, 8, 1]);
    assert.deepEqual(parameters['layer1.0.conv2.weight'], [3, 3, 2, 2]);
    assert.deepEqual(parameters['layer1.0.downsample.0.weight'], [1, 1, 2, 8]);
    assert.deepEqual(parameters['layer2.0.conv1.weight'], [1, 1, 8, 4]);
    assert.deepEqual(parameters['layer2.0.downsample.0.weight'], [1, 1, 8, 16]);
    assert.deepEqual(sites, [
      'conv1',
      ...['conv1', 'conv2', 'conv3', 'downsample.0'].map((layer) => `layer1.0.${layer}`),
      'layer1.0',
      ...['conv1', 'conv2', 'conv3', 'downsample.0'].map((layer) => `layer2.0.${layer}`),
      'layer2.0',
      ...['conv1', 'conv2', 'conv3'].map((layer) => `layer2.1.${layer}`),
      'layer2.1',
    ]);
    const { siteShapes } = describeNetwork(network, [1, 8, 8, 1]);
    assert.deepEqual(siteShapes.activations.get('layer2.0.conv1'), [1, 8, 8, 4]);
    assert.deepEqual(siteShapes.activations.get('layer2.0.conv2'), [1, 4, 4, 4]);
  });

  it('zeroInitResidual lets the last batch norm of each block begin at 0', async () => {
    for (const [plugin, last] of [
      [resnet18, 'bn2'],
      [resnet50, 'bn3'],
    ] as const) {
      const zeros = async (options: object): Promise<string[]> => {
        const { parameters } = describeNetwork(
          await make<'backbone'>(plugin, { ...options, width: 2 }),
          [2, 32, 32, 3],
        );
        const scales = parameters.filter(({ role }) => role === 'scale');
        return scales.filter((one) => initialValue(one, 0).every((value) => value === 0)).map(({ name }) => name);
      };
      assert.deepEqual(await zeros({}), []);
      const blocks = [1, 2];
      const expected = ['layer1.0', 'layer2.0', 'layer2.1'].map((block) => `${block}.${last}.weight`);
      assert.deepEqual(await zeros({ blocks, zeroInitResidual: true }), expected);
    }
  });
});
