import { definePlugin } from '@ssql/core';

/** The means of an image's channels: a backbone that costs nothing, so that a step costs what its augmentations cost. */
const meanOfPixels = definePlugin({
  kind: 'backbone',
  name: 'mean-of-pixels',
  summary: 'The mean of each channel, for measurements of all that is not the network.',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({ forward: (nn, x) => nn.globalAveragePool(x) }),
});

export const plugins = [meanOfPixels];
