import { definePlugin } from '@ssql/core';
import { bottleneckBlock } from './residual.js';
import { blocksOption, checkStem, residualNetwork, residualOptions } from './residual-network.js';

/** ResNet-50 and narrower or shallower variants, up to the pooled features. */
export const resnet50 = definePlugin({
  kind: 'backbone',
  name: 'resnet50',
  summary: 'Residual network of bottleneck blocks, 50 layers by default. Features: the global average pool.',
  paper: 'https://arxiv.org/abs/1512.03385',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: { ...residualOptions, blocks: { ...blocksOption, default: [3, 4, 6, 3] } },
  },
  check: checkStem,
  create: (options) => residualNetwork(bottleneckBlock, options),
});
