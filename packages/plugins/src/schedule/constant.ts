import { definePlugin, type Schedule } from '@ssql/core';

/** Keeps the base learning rate throughout training. */
export const constant = definePlugin({
  kind: 'schedule',
  name: 'constant',
  summary: 'Keeps the base learning rate throughout training.',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: (): Schedule => ({ factor: () => 1 }),
});
