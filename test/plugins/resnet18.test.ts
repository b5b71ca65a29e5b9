import assert from 'node:assert/strict';
import { resnet18 } from '../../packages/plugins/src/backbone/resnet18.js';
import { context } from './context.js';
import { parameterCount, readShapes } from './read-shapes.js';

const DEFAULTS = { stem: 'imagenet', stemStride: 1, width: 64, blocks: [2, 2, 2, 2], zeroInitResidual: false } as const;

describe('backbone resnet18', () => {
  it("has torchvision's parameters with the imagenet stem", async () => {
    const reading = readShapes(await resnet18.create(DEFAULTS, context), [2, 224, 224, 3]);
    assert.deepEqual(reading.output, [2, 512]);
    // torchvision's 11 689 512 less the classifier's 513 000.
    assert.equal(parameterCount(reading), 11_176_512);
    assert.equal(Object.keys(reading.parameters).length, 60);
    assert.deepEqual(reading.parameters['conv1.weight'], [7, 7, 3, 64]);
    assert.deepEqual(reading.parameters['layer2.0.downsample.0.weight'], [1, 1, 64, 128]);
    assert.deepEqual(reading.parameters['layer2.0.downsample.1.bias'], [128]);
    assert.deepEqual(reading.parameters['layer4.1.conv2.weight'], [3, 3, 512, 512]);
    assert.ok(!('layer1.0.downsample.0.weight' in reading.parameters));
  });

  it('keeps the resolution of small images with the cifar stem', async () => {
    const reading = readShapes(await resnet18.create({ ...DEFAULTS, stem: 'cifar' }, context), [2, 32, 32, 3]);
    assert.equal(parameterCount(reading), 11_168_832);
    assert.deepEqual(reading.parameters['conv1.weight'], [3, 3, 3, 64]);
    assert.deepEqual(reading.output, [2, 512]);
  });

  it('names layers and sites in the order of the official forward pass', async () => {
    const network = await resnet18.create(
      { ...DEFAULTS, stem: 'cifar', stemStride: 2, width: 4, blocks: [1, 1] },
      context,
    );
    const reading = readShapes(network, [1, 8, 8, 1]);
    assert.deepEqual(reading.parameters, {
      'conv1.weight': [3, 3, 1, 4],
      'bn1.weight': [4],
      'bn1.bias': [4],
      'layer1.0.conv1.weight': [3, 3, 4, 4],
      'layer1.0.bn1.weight': [4],
      'layer1.0.bn1.bias': [4],
      'layer1.0.conv2.weight': [3, 3, 4, 4],
      'layer1.0.bn2.weight': [4],
      'layer1.0.bn2.bias': [4],
      'layer2.0.conv1.weight': [3, 3, 4, 8],
      'layer2.0.bn1.weight': [8],
      'layer2.0.bn1.bias': [8],
      'layer2.0.conv2.weight': [3, 3, 8, 8],
      'layer2.0.bn2.weight': [8],
      'layer2.0.bn2.bias': [8],
      'layer2.0.downsample.0.weight': [1, 1, 4, 8],
      'layer2.0.downsample.1.weight': [8],
      'layer2.0.downsample.1.bias': [8],
    });
    assert.deepEqual(reading.sites, [
      'conv1',
      'layer1.0.conv1',
      'layer1.0.conv2',
      'layer1.0',
      'layer2.0.conv1',
      'layer2.0.conv2',
      'layer2.0.downsample.0',
      'layer2.0',
    ]);
  });
});
