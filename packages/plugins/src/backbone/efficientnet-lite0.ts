import { definePlugin, type Network } from '@ssql/core';
import { invertedResidual, mobileStem, pointwise } from './inverted-residual.js';

/** Kernel, expansion, channels, blocks and first stride of each stage: EfficientNet-B0, arXiv 1905.11946, table 1. */
const STAGES = [
  { kernel: 3, expansion: 1, channels: 16, blocks: 1, stride: 1 },
  { kernel: 3, expansion: 6, channels: 24, blocks: 2, stride: 2 },
  { kernel: 5, expansion: 6, channels: 40, blocks: 2, stride: 2 },
  { kernel: 3, expansion: 6, channels: 80, blocks: 3, stride: 2 },
  { kernel: 5, expansion: 6, channels: 112, blocks: 3, stride: 1 },
  { kernel: 5, expansion: 6, channels: 192, blocks: 4, stride: 2 },
  { kernel: 3, expansion: 6, channels: 320, blocks: 1, stride: 1 },
];

/**
 * EfficientNet-Lite0, up to the pooled features: EfficientNet-B0 adapted to quantization, with relu6 instead of swish and without
 * squeeze-and-excitation. Layers are named and padded as in timm's `efficientnet_lite0`.
 */
export const efficientnetLite0 = definePlugin({
  kind: 'backbone',
  name: 'efficientnet-lite0',
  summary:
    'EfficientNet-B0 adapted to quantization: relu6, no squeeze-and-excitation. Features: the global average pool.',
  paper: 'https://arxiv.org/abs/1905.11946',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      width: {
        description: 'Multiplier of the channels of every layer.',
        type: 'number',
        exclusiveMinimum: 0,
        default: 1,
      },
      stages: {
        description: 'Number of stages, of the seven.',
        type: 'integer',
        minimum: 1,
        maximum: 7,
        default: 7,
      },
      stemStride: {
        description: 'Stride of the first convolution: 2 for ImageNet, 1 for small images.',
        type: 'integer',
        minimum: 1,
        default: 2,
      },
      zeroInitResidual: {
        description: 'Initialize the scale of the last batch norm of each block with a shortcut to 0.',
        type: 'boolean',
        default: false,
      },
    },
  },
  create({ width, stages, stemStride, zeroInitResidual: zeroInit }): Network {
    const scaled = (channels: number): number => Math.max(1, Math.round(channels * width));
    return {
      forward(nn, x) {
        let input = scaled(32);
        x = mobileStem(nn, x, ['conv_stem', 'bn1'], { filters: input, stride: stemStride });
        STAGES.slice(0, stages).forEach(({ kernel, expansion, channels, blocks, stride }, stage) => {
          for (let block = 0; block < blocks; block++) {
            const name = `blocks.${stage}.${block}`;
            const output = scaled(channels);
            x = invertedResidual(nn, x, {
              name,
              layers: layerNames(name, expansion > 1),
              channels: { input, inner: input * expansion, output },
              kernel,
              stride: block === 0 ? stride : 1,
              zeroInit,
            });
            input = output;
          }
        });
        return nn.globalAveragePool(pointwise(nn, x, ['conv_head', 'bn2'], scaled(1280)));
      },
    };
  },
});

function layerNames(name: string, expands: boolean) {
  const layer = (convolution: string, norm: string) => [`${name}.${convolution}`, `${name}.${norm}`] as const;
  if (!expands) return { depthwise: layer('conv_dw', 'bn1'), project: layer('conv_pw', 'bn2') };
  return {
    expand: layer('conv_pw', 'bn1'),
    depthwise: layer('conv_dw', 'bn2'),
    project: layer('conv_pwl', 'bn3'),
  };
}
