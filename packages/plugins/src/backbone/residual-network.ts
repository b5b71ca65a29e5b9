import type { Network, Operations } from '@ssql/core';
import { optionConflict } from '../option-conflict.js';
import { bottleneckBlock, type ResidualBlock } from './residual.js';

/** Options of all residual networks. */
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
      'Initialize the scale of the last batch norm of each residual block to 0, so that a block starts as its shortcut.',
    type: 'boolean',
    default: false,
  },
} as const;

/** The option that sets the depth of a residual network. */
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

/** Refuses a stride of a stem that has its own. @throws SsqlError OPTION_CONFLICT */
export function checkStem({ stem, stemStride }: Pick<ResidualNetworkOptions, 'stem' | 'stemStride'>): void {
  if (stem === 'imagenet' && stemStride !== 1)
    throw optionConflict(
      'stemStride',
      `stemStride is ${stemStride}, but the imagenet stem has a fixed stride.`,
      'Remove stemStride, or set stem: cifar.',
    );
}

/** A stem, stages of residual blocks, and a global average pool; layers and sites are named as in torchvision. */
export function residualNetwork(
  block: ResidualBlock,
  { stem, stemStride, width, blocks, zeroInitResidual: zeroInit }: ResidualNetworkOptions,
): Network {
  return {
    forward(nn, x) {
      x = stem === 'cifar' ? cifarStem(nn, x, width, stemStride) : imagenetStem(nn, x, width);
      blocks.forEach((count, stage) => {
        for (let index = 0; index < count; index++) {
          // The first block of every later stage halves the resolution and doubles the channels.
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
