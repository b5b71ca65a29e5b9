import { definePlugin, type Sampler } from '@ssql/core';
import { checkTogether, drawOperands, periodOption, togetherOption } from './sides.js';

/** Every width equally often. */
export const uniformSampler = definePlugin({
  kind: 'sampler',
  name: 'uniform',
  summary: 'Draws bits uniformly: anew every step or every epoch, for weights and activations apart or together.',
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
