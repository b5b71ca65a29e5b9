import { definePlugin, type Network } from '@ssql/core';
import { invertedResidual, mobileStem, pointwise, type LayerNames } from './inverted-residual.js';

/** MobileNetV2, up to the pooled features. */
export const mobilenetV2 = definePlugin({
  kind: 'backbone',
  name: 'mobilenet-v2',
  summary: 'Inverted residual blocks with depthwise convolutions. Features: the global average pool.',
  paper: 'https://arxiv.org/abs/1801.04381',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      width: {
        description: 'Multiplier of the channels of every layer; of the last layer only if it is above 1.',
        type: 'number',
        exclusiveMinimum: 0,
        default: 1,
      },
      stemStride: {
        description: 'Stride of the first convolution: 2 for ImageNet, 1 for small images.',
        type: 'integer',
        minimum: 1,
        default: 2,
      },
      stages: {
        description: '[expansion, channels, blocks, first stride] of each stage, as in table 2 of the paper.',
        type: 'array',
        minItems: 1,
        items: { type: 'array', items: { type: 'integer', minimum: 1 }, minItems: 4, maxItems: 4 },
        default: [
          [1, 16, 1, 1],
          [6, 24, 2, 2],
          [6, 32, 3, 2],
          [6, 64, 4, 2],
          [6, 96, 3, 1],
          [6, 160, 3, 2],
          [6, 320, 1, 1],
        ],
      },
      features: {
        description: 'Channels of the last convolution, before `width` multiplies them.',
        type: 'integer',
        minimum: 1,
        default: 1280,
      },
      zeroInitResidual: {
        description: 'Initialize the scale of the last batch norm of each block with a shortcut to 0.',
        type: 'boolean',
        default: false,
      },
    },
  },
  create: ({ width, stemStride, stages, features, zeroInitResidual: zeroInit }): Network => ({
    forward(nn, x) {
      let input = divisible(32 * width);
      x = mobileStem(nn, x, ['features.0.0', 'features.0.1'], { filters: input, stride: stemStride });
      let index = 1;
      for (const [expansion = 1, channels = 1, blocks = 1, first = 1] of stages)
        for (let block = 0; block < blocks; block++) {
          const name = `features.${index++}`;
          const output = divisible(channels * width);
          const layers = layerNames(name, expansion > 1);
          const stride = block === 0 ? first : 1;
          const sizes = { input, inner: input * expansion, output };
          x = invertedResidual(nn, x, { name, layers, channels: sizes, kernel: 3, stride, zeroInit });
          input = output;
        }
      const last: LayerNames = [`features.${index}.0`, `features.${index}.1`];
      return nn.globalAveragePool(pointwise(nn, x, last, divisible(features * Math.max(1, width))));
    },
  }),
});

function layerNames(name: string, expands: boolean) {
  const at = expands ? 1 : 0;
  return {
    ...(expands ? { expand: [`${name}.conv.0.0`, `${name}.conv.0.1`] as const } : {}),
    depthwise: [`${name}.conv.${at}.0`, `${name}.conv.${at}.1`] as const,
    project: [`${name}.conv.${at + 1}`, `${name}.conv.${at + 2}`] as const,
  };
}

/** The nearest multiple of 8 that is at least 0.9 * channels, as in the authors' code and torchvision. */
function divisible(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}
