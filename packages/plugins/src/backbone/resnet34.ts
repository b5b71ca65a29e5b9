import { definePlugin } from '@ssql/core';
import { basicBlock } from './residual.js';
import { blocksOption, checkStem, residualNetwork, residualOptions } from './residual-network.js';

/** ResNet-34 and narrower or shallower variants, up to the pooled features. */
export const resnet34 = definePlugin({
  kind: 'backbone',
  name: 'resnet34',
  summary: 'Residual network of basic blocks, 34 layers by default. Features: the global average pool.',
  paper: 'https://arxiv.org/abs/1512.03385',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: { ...residualOptions, blocks: { ...blocksOption, default: [3, 4, 6, 3] } },
  },
  check: checkStem,
  create: (options) => residualNetwork(basicBlock, options),
});
