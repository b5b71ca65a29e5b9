import { definePlugin, type Schedule } from '@ssql/core';

/** The base learning rate throughout. */
export const constant = definePlugin({
  kind: 'schedule',
  name: 'constant',
  summary: 'The base learning rate throughout.',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: (): Schedule => ({ factor: () => 1 }),
});
