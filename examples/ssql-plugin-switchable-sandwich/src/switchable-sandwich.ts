import { definePlugin, type PrecisionChoice, type Wrapper } from '@ssql/core';
import type { Scalar } from '@tensorflow/tfjs-core';

/**
 * The sandwich rule (Yu and Huang, arXiv 1903.05134, section 3) with switchable batch norm (Jin et al., arXiv 1912.09666, section 4.1): float,
 * the most bits, the fewest bits and random bits learn from float targets in every step, each choice with its own batch norms.
 */
export const switchableSandwich = definePlugin({
  kind: 'wrapper',
  name: 'switchable-sandwich',
  title: 'Switchable sandwich',
  summary: 'The sandwich rule, with separate batch norms for float, the most bits, the fewest bits and random bits.',
  paper: 'https://arxiv.org/abs/1912.09666',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      random: {
        description: 'Number of precisions that the sampler draws, besides the most and the fewest bits.',
        type: 'integer',
        minimum: 0,
        default: 1,
      },
    },
  },
  create({ random }, { tf }): Wrapper {
    const precisions: PrecisionChoice[] = ['max', 'min', ...Array.from({ length: random }, () => 'random' as const)];
    return {
      precisions,
      batchNorms: 'by-choice',
      objective(method, branches, views) {
        // The float passes come first: they calibrate the quantized ones.
        const online = method.online(branches.float, views);
        const quantized = precisions.map((_, index) => method.online(branches.quantized(index), views));
        const targets = method.targets(online);
        const losses = [online, ...quantized].map((outputs) => method.loss(outputs, targets));
        const loss: Scalar = tf.div(tf.addN(losses), losses.length);
        return { loss, parts: { float: losses[0]!, max: losses[1]!, min: losses[2]! }, online };
      },
    };
  },
});
