import { definePlugin, type Schedule } from '@ssql/core';
import { checkWarmup, WARMUP } from './warmup.js';

/** Half a cosine from 1 to 0, after an optional linear warm-up. */
export const cosine = definePlugin({
  kind: 'schedule',
  name: 'cosine',
  summary: 'Half a cosine from the base learning rate to 0, after an optional linear warm-up.',
  paper: 'https://arxiv.org/abs/1608.03983',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      per: {
        description: 'Whether the learning rate changes every epoch or every step.',
        enum: ['epoch', 'step'],
        default: 'epoch',
      },
      warmup: WARMUP,
    },
  },
  check: ({ warmup }, pipeline) => checkWarmup(warmup, pipeline),
  create: ({ per, warmup }): Schedule => ({
    factor({ epoch, epochs, step, stepsPerEpoch }) {
      const [now, end, warm] =
        per === 'epoch' ? [epoch, epochs, warmup] : [step, epochs * stepsPerEpoch, warmup * stepsPerEpoch];
      if (now < warm) return (now + 1) / warm;
      return 0.5 * (1 + Math.cos((Math.PI * (now - warm)) / (end - warm)));
    },
  }),
});
