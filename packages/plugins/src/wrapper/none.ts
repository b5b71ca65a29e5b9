import { definePlugin, type Wrapper } from '@ssql/core';

/** The method as it is: its float loss. */
export const none = definePlugin({
  kind: 'wrapper',
  name: 'none',
  title: '',
  summary: 'The method as it is, in float: the baseline of a matched pair.',
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
