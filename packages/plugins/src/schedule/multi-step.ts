import { definePlugin, type Schedule } from '@ssql/core';
import { optionConflict } from '../option-conflict.js';
import { checkWarmup, epochsOf, WARMUP } from './warmup.js';

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
  check({ epochs: changes, warmup }, pipeline) {
    checkWarmup(warmup, pipeline);
    const epochs = epochsOf(pipeline);
    const late = epochs === undefined ? undefined : changes.find((change) => change >= epochs);
    if (late !== undefined)
      throw optionConflict(
        'epochs',
        `The learning rate changes at epoch ${late}, but training has ${epochs} epochs, counted from 0.`,
        'Remove the change, or train for more epochs.',
      );
  },
  create: ({ epochs: changes, factor, warmup }): Schedule => ({
    factor({ epoch, step, stepsPerEpoch }) {
      const warm = warmup * stepsPerEpoch;
      const rise = step < warm ? (step + 1) / warm : 1;
      return rise * factor ** changes.filter((change) => change <= epoch).length;
    },
  }),
});
