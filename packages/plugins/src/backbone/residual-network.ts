import type { Network, Operations } from '@ssql/core';
import { optionConflict } from '../option-conflict.js';
import { bottleneckBlock, type ResidualBlock } from './residual.js';

/** Options that all residual networks have. */
export const residualOptions = {
  stem: {
    description: 'cifar: a 3x3 convolution; imagenet: a 7x7 convolution of stride 2 and a 3x3 max pool of stride 2.',
    enum: ['cifar', 'imagenet'],
    default: 'imagenet',
  },
  stemStride: { description: 'Stride of the cifar stem.', type: 'integer', minimum: 1, default: 1 },
  width: {
    description: 'Channels of the first stage; every later stage doubles them.',
    type: 'integer',
    minimum: 1,
    default: 64,
  },
  zeroInitResidual: {
    description:
      'Let the scale of the last batch norm of each residual block begin at 0, so that blocks begin as their shortcuts.',
    type: 'boolean',
    default: false,
  },
} as const;

/** The option that says how deep a residual network is. */
export const blocksOption = {
  description: 'Residual blocks of each stage.',
  type: 'array',
  items: { type: 'integer', minimum: 1 },
  minItems: 1,
} as const;

interface ResidualNetworkOptions {
  readonly stem: 'cifar' | 'imagenet';
  readonly stemStride: number;
  readonly width: number;
  readonly blocks: readonly number[];
  readonly zeroInitResidual: boolean;
}

/**
 * A stem, stages of residual blocks, and the global average pool of the last one; layers and sites are named as in torchvision.
 * @param plugin its name, for errors
 */
export function residualNetwork(
  plugin: string,
  block: ResidualBlock,
  { stem, stemStride, width, blocks, zeroInitResidual: zeroInit }: ResidualNetworkOptions,
): Network {
  if (stem === 'imagenet' && stemStride !== 1)
    throw optionConflict(
      `${plugin}: stemStride is ${stemStride}, but the imagenet stem has a stride of its own`,
      'Leave stemStride out, or set stem: cifar.',
    );
  return {
    forward(nn, x) {
      x = stem === 'cifar' ? cifarStem(nn, x, width, stemStride) : imagenetStem(nn, x, width);
      blocks.forEach((count, stage) => {
        for (let index = 0; index < count; index++) {
          // A stage after the first begins by halving the resolution and doubling the channels.
          const stride = stage > 0 && index === 0 ? 2 : 1;
          // A bottleneck block changes the number of channels in the first stage too.
          const projects = index === 0 && (stage > 0 || block === bottleneckBlock);
          const options = { filters: width * 2 ** stage, stride, projects, zeroInit };
          x = block(nn, x, `layer${stage + 1}.${index}`, options);
        }
      });
      return nn.globalAveragePool(x);
    },
  };
}

function cifarStem<T>(nn: Operations<T>, x: T, filters: number, stride: number): T {
  return activated(nn, nn.conv2d(x, 'conv1', { filters, kernel: 3, stride, padding: 1 }));
}

function imagenetStem<T>(nn: Operations<T>, x: T, filters: number): T {
  const y = activated(nn, nn.conv2d(x, 'conv1', { filters, kernel: 7, stride: 2, padding: 3 }));
  return nn.maxPool(y, { size: 3, stride: 2, padding: 1 });
}

function activated<T>(nn: Operations<T>, x: T): T {
  return nn.output(nn.relu(nn.batchNorm(x, 'bn1')), 'conv1');
}
