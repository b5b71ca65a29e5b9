import { definePlugin, type Network } from '@ssql/core';

/** VGG-16 with batch norm and variants, up to the pooled features: without the classifier's hidden layers. */
export const vgg16Bn = definePlugin({
  kind: 'backbone',
  name: 'vgg16-bn',
  summary: '3x3 convolutions with batch norm, and max pools between stages. Features: the global average pool.',
  paper: 'https://arxiv.org/abs/1409.1556',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      width: {
        description:
          'Channels of the first stage. Each of the next three stages doubles them, to at most eight times as many.',
        type: 'integer',
        minimum: 1,
        default: 64,
      },
      convolutions: {
        description: 'Convolutions of each stage. A max pool of stride 2 ends a stage.',
        type: 'array',
        items: { type: 'integer', minimum: 1 },
        minItems: 1,
        default: [2, 2, 3, 3, 3],
      },
    },
  },
  create: ({ width, convolutions }): Network => ({
    forward(nn, x) {
      let index = 0;
      convolutions.forEach((count, stage) => {
        const filters = width * Math.min(8, 2 ** stage);
        for (let convolution = 0; convolution < count; convolution++) {
          // torchvision numbers convolution, batch norm, ReLU and pool in one list.
          const name = `features.${index}`;
          const y = nn.conv2d(x, name, { filters, kernel: 3, stride: 1, padding: 1, bias: true });
          x = nn.output(nn.relu(nn.batchNorm(y, `features.${index + 1}`)), name);
          index += 3;
        }
        x = nn.maxPool(x, { size: 2, stride: 2, padding: 0 });
        index += 1;
      });
      return nn.globalAveragePool(x);
    },
  }),
});
