import { definePlugin, type Wrapper } from '@ssql/core';
import type { Scalar } from '@tensorflow/tfjs-core';

/** SSQL (arXiv 2207.05432) with a weight between the float and the quantized loss. */
export const wrapper = definePlugin({
  kind: 'wrapper',
  name: 'template-name',
  summary: 'A weighted mean of the float and the quantized loss, both against float targets.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      weight: { description: 'Weight of the quantized loss.', type: 'number', minimum: 0, maximum: 1, default: 0.5 },
    },
  },
  create: ({ weight }, { tf }): Wrapper => ({
    precisions: 1,
    objective(method, branches, views) {
      // The float passes come first: they calibrate the quantized ones.
      const online = method.online(branches.float, views);
      const quantizedOnline = method.online(branches.quantized(0), views);
      const targets = method.targets(online);
      const float = method.loss(online, targets);
      const quantized = method.loss(quantizedOnline, targets);
      const loss: Scalar = tf.add(tf.mul(float, 1 - weight), tf.mul(quantized, weight));
      return { loss, parts: { float, quantized }, online };
    },
  }),
});

export const plugins = [wrapper];
