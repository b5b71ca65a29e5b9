import type { BitSets, Sampler } from '@ssql/core';
import { SamplerTester } from '@ssql/core/testing';
import { testBreaks } from './breaks.js';
import { flawed } from './flawed.js';

const SETS = 'its draws are of the sets';
const EVERY = 'it draws every width of the sets';
const FUNCTION = 'a draw is a function of its arguments';

const each = (sets: BitSets, pick: (bits: readonly number[]) => number): ReturnType<Sampler['draw']> => ({
  weights: sets.weights.length > 0 ? pick(sets.weights) : 'float',
  activations: sets.activations.length > 0 ? pick(sets.activations) : 'float',
});
const sampler = (draw: Sampler['draw'], rest: Partial<Sampler> = {}) => flawed('sampler', () => ({ ...rest, draw }));

describe('SamplerTester', () => {
  testBreaks(
    SamplerTester,
    [
      {
        title: 'passes a correct sampler',
        plugin: sampler((random, sets) => each(sets, (bits) => bits[random.integer(bits.length)]!)),
        breaks: [],
      },
      {
        title: 'detects a width that is not in the sets',
        plugin: sampler((random, sets) => each(sets, (bits) => random.integer(bits.at(-1)!) + 1)),
        breaks: [SETS],
      },
      {
        title: 'detects bits for an operand that is float',
        plugin: sampler((random) => {
          const bits = [2, 3, 4, 8][random.integer(4)]!;
          return { weights: bits, activations: bits };
        }),
        breaks: [SETS],
      },
      {
        title: 'detects a width that is never drawn',
        plugin: sampler((random, sets) => each(sets, (bits) => bits[random.integer(bits.length - 1)]!)),
        breaks: [EVERY],
      },
      {
        title: 'detects a draw that does not come from the stream',
        plugin: sampler((_, sets) => each(sets, (bits) => bits[Math.floor(Math.random() * bits.length)]!)),
        breaks: [FUNCTION],
      },
      {
        title: 'detects a sampler that changes the sets',
        plugin: sampler((random, sets) => {
          (sets.weights as number[]).sort();
          return each(sets, (bits) => bits[random.integer(bits.length)]!);
        }),
        breaks: [SETS, EVERY, FUNCTION],
      },
      {
        title: 'detects an unknown period',
        plugin: sampler((random, sets) => each(sets, (bits) => bits[random.integer(bits.length)]!), {
          per: 'run' as 'step',
        }),
        breaks: ['its period is a step or an epoch'],
      },
    ],
    { valid: [{ options: {} }], invalid: [] },
  );
});
