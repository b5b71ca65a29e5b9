import { definePlugin, type Schedule } from '@ssql/core';
import { WARMUP } from './warmup.js';

/** Multiplies the learning rate by a factor at certain epochs. */
export const multiStep = definePlugin({
  kind: 'schedule',
  name: 'multi-step',
  summary: 'Multiplies the learning rate by a factor at certain epochs, after an optional linear warm-up.',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['epochs'],
    properties: {
      epochs: {
        description: 'The epochs, counted from 0, at whose start the learning rate changes: [60, 80].',
        type: 'array',
        items: { type: 'integer', minimum: 1 },
        minItems: 1,
      },
      factor: { description: 'Factor on the learning rate at each of them.', type: 'number', minimum: 0, default: 0.1 },
      warmup: WARMUP,
    },
  },
  create: ({ epochs: changes, factor, warmup }): Schedule => ({
    factor({ epoch, step, stepsPerEpoch }) {
      const warm = warmup * stepsPerEpoch;
      const rise = step < warm ? (step + 1) / warm : 1;
      return rise * factor ** changes.filter((change) => change <= epoch).length;
    },
  }),
});
