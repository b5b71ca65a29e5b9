import assert from 'node:assert/strict';
import { describe as describeNetwork } from '../../packages/core/src/nn/describe.js';
import { initialValue } from '../../packages/core/src/nn/initialize.js';
import { efficientnetLite0 } from '../../packages/plugins/src/backbone/efficientnet-lite0.js';
import { mobilenetV2 } from '../../packages/plugins/src/backbone/mobilenet-v2.js';
import { vgg16Bn } from '../../packages/plugins/src/backbone/vgg16-bn.js';
import { make } from './make-plugin.js';
import { parameterCount, readShapes } from './read-shapes.js';

describe('backbones mobilenet-v2, efficientnet-lite0 and vgg16-bn', () => {
  // Of torchvision and timm, less the classifiers'.
  for (const { plugin, parameters, width } of [
    { plugin: mobilenetV2, parameters: 3_504_872 - 1_281_000, width: 1280 },
    { plugin: efficientnetLite0, parameters: 4_652_008 - 1_281_000, width: 1280 },
    { plugin: vgg16Bn, parameters: 138_365_992 - 123_642_856, width: 512 },
  ])
    it(`${plugin.name} has as many parameters as there`, async () => {
      const reading = readShapes(await make<'backbone'>(plugin), [2, 224, 224, 3]);
      assert.equal(parameterCount(reading), parameters);
      assert.deepEqual(reading.output, [2, width]);
    });

  it('a depthwise weight has one input, and a site as any other', async () => {
    const network = await make<'backbone'>(mobilenetV2, { stages: [[1, 16, 1, 1], [6, 24, 2, 2]] }); // prettier-ignore
    const { weightSites, outputSites, siteShapes } = describeNetwork(network, [1, 32, 32, 3]);
    assert.deepEqual(siteShapes.weights.get('features.2.conv.1.0'), [3, 3, 1, 96]);
    assert.deepEqual(
      weightSites.filter((site) => site.startsWith('features.3')),
      ['features.3.conv.0.0', 'features.3.conv.1.0', 'features.3.conv.2'],
    );
    // A block with a shortcut has a site of its own.
    assert.deepEqual(
      outputSites.filter((site) => /^features\.[23]$/.test(site)),
      ['features.3'],
    );
  });

  it('zeroInitResidual leaves blocks without a shortcut alone', async () => {
    for (const [plugin, zeros] of [
      [mobilenetV2, ['features.3.conv.3.weight', 'features.5.conv.3.weight', 'features.6.conv.3.weight']],
      [efficientnetLite0, ['blocks.1.1.bn3.weight', 'blocks.2.1.bn3.weight', 'blocks.3.1.bn3.weight']],
    ] as const) {
      const { parameters } = describeNetwork(
        await make<'backbone'>(plugin, { zeroInitResidual: true }),
        [2, 64, 64, 3],
      );
      const found = parameters.filter((one) => initialValue(one, 0).every((value) => value === 0));
      const scales = found.filter(({ role }) => role === 'scale').map(({ name }) => name);
      assert.deepEqual(scales.slice(0, 3), zeros);
    }
  });

  it('biases of convolutions begin at 0, as in torchvision', async () => {
    const { parameters } = describeNetwork(await make<'backbone'>(vgg16Bn, { width: 2 }), [2, 32, 32, 3]);
    const biases = parameters.filter(({ role }) => role === 'convolution bias');
    assert.equal(biases.length, 13);
    for (const bias of biases) assert.ok(initialValue(bias, 1).every((value) => value === 0));
  });
});
