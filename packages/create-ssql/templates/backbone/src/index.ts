import { definePlugin, type Network } from '@ssql/core';

/**
 * VGG with batch norm (Simonyan and Zisserman, arXiv 1409.1556), up to the pooled features. Layers are named as in torchvision. With the
 * default options it has the first six layers of vgg11_bn, except that its convolutions have no bias.
 */
export const backbone = definePlugin({
  kind: 'backbone',
  name: 'template-name',
  summary: 'Stages of 3x3 convolutions, with max pools between them. Features: the global average pool.',
  paper: 'https://arxiv.org/abs/1409.1556',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      width: {
        description: 'Channels of the first stage; every later stage doubles them.',
        type: 'integer',
        minimum: 1,
        default: 64,
      },
      convolutions: {
        description: 'Convolutions of each stage. Max pools of stride 2 separate the stages.',
        type: 'array',
        items: { type: 'integer', minimum: 1 },
        minItems: 1,
        default: [1, 1, 2, 2],
      },
    },
  },
  create: ({ width, convolutions }): Network => ({
    forward(nn, x) {
      // torchvision numbers convolutions, batch norms, ReLUs and max pools in one sequence.
      let index = 0;
      convolutions.forEach((count, stage) => {
        if (stage > 0) {
          x = nn.maxPool(x, { size: 2, stride: 2, padding: 0 });
          index += 1;
        }
        for (let convolution = 0; convolution < count; convolution++) {
          const layer = `features.${index}`;
          x = nn.conv2d(x, layer, { filters: width * 2 ** stage, kernel: 3, stride: 1, padding: 1 });
          x = nn.relu(nn.batchNorm(x, `features.${index + 1}`));
          x = nn.output(x, layer); // activations can be quantized here
          index += 3;
        }
      });
      return nn.globalAveragePool(x);
    },
  }),
});

export const plugins = [backbone];
