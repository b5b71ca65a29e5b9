import { definePlugin, type Random, type Sampler } from '@ssql/core';

/** Post step quantization: every step draws anew, uniformly, weights and activations independently. */
export const uniformPerStep = definePlugin({
  kind: 'sampler',
  name: 'uniform-per-step',
  summary: 'Draws the bits of weights and of activations anew every step, uniformly and independently.',
  paper: 'https://arxiv.org/abs/2207.05432',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: (): Sampler => ({
    draw: (random, sets) => ({ weights: pick(random, sets.weights), activations: pick(random, sets.activations) }),
  }),
});

/** An empty set draws nothing: that side stays float. */
function pick(random: Random, bits: readonly number[]): number | 'float' {
  return bits[random.integer(bits.length)] ?? 'float';
}
