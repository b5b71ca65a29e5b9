import { definePlugin, type Wrapper } from '@ssql/core';
import type { Scalar } from '@tensorflow/tfjs-core';

/** Synergistic self-supervised and quantization learning: quantized and float outputs both learn from float targets. */
export const ssql = definePlugin({
  kind: 'wrapper',
  name: 'ssql',
  title: 'SSQL',
  summary: 'Compares the outputs of the float branch and of a quantized branch with float targets.',
  paper: 'https://arxiv.org/abs/2207.05432',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      floatLoss: {
        description:
          'true: the objective is the mean of the float loss L_f and the quantized loss L_q. false: L_q alone.',
        type: 'boolean',
        default: true,
      },
    },
  },
  create: ({ floatLoss }, { tf }): Wrapper => ({
    precisions: 1,
    objective(method, branches, views) {
      // The float passes come first: they calibrate the quantized ones.
      const online = method.online(branches.float, views);
      const quantizedOnline = method.online(branches.quantized(0), views);
      const targets = method.targets(online);
      const float = method.loss(online, targets);
      const quantized = method.loss(quantizedOnline, targets);
      const loss: Scalar = floatLoss ? tf.div(tf.add(float, quantized), 2) : tf.clone(quantized);
      return { loss, parts: { float, quantized }, online };
    },
  }),
});
