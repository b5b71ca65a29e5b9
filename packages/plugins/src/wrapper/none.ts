import { definePlugin, type Wrapper } from '@ssql/core';

/** The method's float loss. */
export const none = definePlugin({
  kind: 'wrapper',
  name: 'none',
  title: '',
  summary: 'The method in float, without quantization: the baseline.',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: (): Wrapper => ({
    precisions: 0,
    objective(method, branches, views) {
      const online = method.online(branches.float, views);
      const float = method.loss(online, method.targets(online));
      return { loss: float, parts: { float }, online };
    },
  }),
});
