import { definePlugin, type PrecisionChoice, type Wrapper } from '@ssql/core';
import type { Scalar } from '@tensorflow/tfjs-core';

/** SSQL with the sandwich rule: every step trains the most bits, the fewest bits and some in between. */
export const sandwich = definePlugin({
  kind: 'wrapper',
  name: 'sandwich',
  title: 'Sandwich',
  summary: 'Compares the outputs at the most bits, the fewest bits and random bits with float targets, in every step.',
  paper: 'https://arxiv.org/abs/1903.05134',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      random: {
        description: 'Number of precisions that the sampler draws, besides the most and the fewest bits.',
        type: 'integer',
        minimum: 0,
        default: 2,
      },
    },
  },
  /** The objective is the mean of the float loss and of the loss at each precision. All precisions share their batch norms. */
  create({ random }, { tf }): Wrapper {
    const precisions: PrecisionChoice[] = ['max', 'min', ...Array.from({ length: random }, () => 'random' as const)];
    return {
      precisions,
      objective(method, branches, views) {
        // The float passes come first: they calibrate the quantized ones.
        const online = method.online(branches.float, views);
        const quantized = precisions.map((_, index) => method.online(branches.quantized(index), views));
        const targets = method.targets(online);
        const float = method.loss(online, targets);
        const losses = quantized.map((outputs) => method.loss(outputs, targets));
        const loss: Scalar = tf.div(tf.addN([float, ...losses]), losses.length + 1);
        return { loss, parts: { float, max: losses[0]!, min: losses[1]! }, online };
      },
    };
  },
});
