import { definePlugin, type Sampler } from '@ssql/core';

/** Draws several widths and takes the smallest, so that few bits are trained more often. */
export const sampler = definePlugin({
  kind: 'sampler',
  name: 'template-name',
  summary: 'The smallest of several uniform draws, for weights and activations separately.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      draws: { description: 'Number of draws; 1 is uniform.', type: 'integer', minimum: 1, maximum: 4, default: 2 },
    },
  },
  create: ({ draws }): Sampler => ({
    // All randomness comes from the stream, so that a run can be resumed.
    draw(random, { weights, activations }) {
      const smallest = (bits: readonly number[]): number | 'float' =>
        bits.length === 0
          ? 'float'
          : Math.min(...Array.from({ length: draws }, () => bits[random.integer(bits.length)]!));
      return { weights: smallest(weights), activations: smallest(activations) };
    },
  }),
});

export const plugins = [sampler];
