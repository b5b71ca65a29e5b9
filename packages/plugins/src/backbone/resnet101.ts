import { definePlugin } from '@ssql/core';
import { bottleneckBlock } from './residual.js';
import { blocksOption, checkStem, residualNetwork, residualOptions } from './residual-network.js';

/** ResNet-101 and narrower or shallower variants, up to the pooled features. */
export const resnet101 = definePlugin({
  kind: 'backbone',
  name: 'resnet101',
  summary: 'Residual network of bottleneck blocks, 101 layers by default. Features: the global average pool.',
  paper: 'https://arxiv.org/abs/1512.03385',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: { ...residualOptions, blocks: { ...blocksOption, default: [3, 4, 23, 3] } },
  },
  check: checkStem,
  create: (options) => residualNetwork(bottleneckBlock, options),
});
