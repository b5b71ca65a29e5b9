import { definePlugin, type Sampler } from '@ssql/core';
import { checkTogether, drawOperands, periodOption, togetherOption } from './operands.js';

/** Draws every width with the same probability. */
export const uniformSampler = definePlugin({
  kind: 'sampler',
  name: 'uniform',
  summary: 'Draws bit widths uniformly, every step or every epoch, for weights and activations separately or together.',
  paper: 'https://arxiv.org/abs/2207.05432',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: { per: periodOption, together: togetherOption },
  },
  create: ({ per, together }): Sampler => ({
    per,
    check: (sets) => checkTogether('uniform', sets, together),
    draw: (random, sets) => drawOperands(sets, together, (bits) => bits[random.integer(bits.length)]!),
  }),
});
