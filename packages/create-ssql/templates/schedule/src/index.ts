import { definePlugin, type Schedule } from '@ssql/core';

/** Multiplies the learning rate by a factor every few epochs. */
export const schedule = definePlugin({
  kind: 'schedule',
  name: 'template-name',
  summary: 'Multiplies the learning rate by a factor every few epochs.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      every: { description: 'Epochs between two drops.', type: 'integer', minimum: 1, default: 3 },
      factor: { description: 'What each drop multiplies by.', type: 'number', exclusiveMinimum: 0, default: 0.5 },
    },
  },
  create: ({ every, factor }): Schedule => ({
    // A function of the point alone, so that a run can be resumed.
    factor: ({ epoch }) => factor ** Math.floor(epoch / every),
  }),
});

export const plugins = [schedule];
