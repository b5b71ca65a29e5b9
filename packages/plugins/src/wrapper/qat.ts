import { definePlugin, type Wrapper } from '@ssql/core';

/** Quantization-aware training: the baseline of an encoder that is trained for one precision, with one width in each set of bits. */
export const qat = definePlugin({
  kind: 'wrapper',
  name: 'qat',
  title: 'QAT',
  summary: 'Trains the method in a quantized branch alone: its outputs learn from its own targets.',
  paper: 'https://arxiv.org/abs/1712.05877',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: (): Wrapper => ({
    precisions: 1,
    objective(method, branches, views) {
      // The float passes calibrate the quantized ones; no gradient flows through them.
      const online = method.online(branches.float, views);
      const quantizedOnline = method.online(branches.quantized(0), views);
      const quantized = method.loss(quantizedOnline, method.targets(quantizedOnline));
      return { loss: quantized, parts: { quantized }, online };
    },
  }),
});
