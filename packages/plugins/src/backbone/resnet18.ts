import { definePlugin, SsqlError, type Network, type Operations } from '@ssql/core';
import { basicBlock } from './residual.js';

/** ResNet-18 and its narrower or shallower relatives, up to the pooled features. */
export const resnet18 = definePlugin({
  kind: 'backbone',
  name: 'resnet18',
  summary: 'Residual network of basic blocks, 18 layers by default; features are the global average pool.',
  paper: 'https://arxiv.org/abs/1512.03385',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      stem: {
        description:
          'cifar: a 3x3 convolution; imagenet: a 7x7 convolution of stride 2 and a 3x3 max pool of stride 2.',
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
      blocks: {
        description: 'Residual blocks of each stage.',
        type: 'array',
        items: { type: 'integer', minimum: 1 },
        minItems: 1,
        default: [2, 2, 2, 2],
      },
    },
  },
  create({ stem, stemStride, width, blocks }): Network {
    if (stem === 'imagenet' && stemStride !== 1) {
      throw stemConflict(stemStride);
    }
    return {
      forward(nn, x) {
        x = stem === 'cifar' ? cifarStem(nn, x, width, stemStride) : imagenetStem(nn, x, width);
        blocks.forEach((count, stage) => {
          for (let block = 0; block < count; block++) {
            // A stage after the first begins by halving the resolution and doubling the channels.
            const projects = stage > 0 && block === 0;
            const name = `layer${stage + 1}.${block}`;
            x = basicBlock(nn, x, name, { filters: width * 2 ** stage, stride: projects ? 2 : 1, projects });
          }
        });
        return nn.globalAveragePool(x);
      },
    };
  },
});

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

/**
 * Two options of a plugin exclude each other.
 * @remedy Leave one of them out.
 */
function stemConflict(stemStride: number): SsqlError {
  return new SsqlError(
    'OPTION_CONFLICT',
    `resnet18: stemStride is ${stemStride}, but the imagenet stem has a stride of its own`,
    { hint: 'Leave stemStride out, or set stem: cifar.' },
  );
}
