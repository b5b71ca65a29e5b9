import { definePlugin } from '@ssql/core';
import { basicBlock } from './residual.js';
import { blocksOption, checkStem, residualNetwork, residualOptions } from './residual-network.js';

/** ResNet-18 and narrower or shallower variants, up to the pooled features. */
export const resnet18 = definePlugin({
  kind: 'backbone',
  name: 'resnet18',
  summary: 'Residual network of basic blocks, 18 layers by default. Features: the global average pool.',
  paper: 'https://arxiv.org/abs/1512.03385',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: { ...residualOptions, blocks: { ...blocksOption, default: [2, 2, 2, 2] } },
  },
  check: checkStem,
  create: (options) => residualNetwork(basicBlock, options),
});
