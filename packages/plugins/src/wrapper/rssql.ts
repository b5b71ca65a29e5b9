import { definePlugin, type Wrapper } from '@ssql/core';

/** SSQL with the branches swapped (an ablation of the paper): float outputs learn from the targets of a quantized branch. */
export const rssql = definePlugin({
  kind: 'wrapper',
  name: 'rssql',
  title: 'RSSQL',
  summary: 'Compares the outputs of the float branch with the targets of a quantized branch, which gets no gradient.',
  paper: 'https://arxiv.org/abs/2207.05432',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: (): Wrapper => ({
    precisions: 1,
    objective(method, branches, views) {
      // The float passes come first: they calibrate the quantized ones.
      const online = method.online(branches.float, views);
      const targets = method.targets(method.online(branches.quantizedTarget(0), views));
      const float = method.loss(online, targets);
      return { loss: float, parts: { float }, online };
    },
  }),
});
