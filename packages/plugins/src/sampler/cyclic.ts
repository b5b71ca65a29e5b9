import { definePlugin, type Sampler } from '@ssql/core';
import { checkTogether, drawOperands, periodOption, togetherOption } from './operands.js';

/** Cycles through the bit widths in order, without randomness. */
export const cyclic = definePlugin({
  kind: 'sampler',
  name: 'cyclic',
  summary: 'Cycles through the bit widths in order: ascending, descending, or up and down.',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      order: {
        description:
          'ascending: from the fewest bits to the most. descending: the reverse. zigzag: up, then down, each end once per cycle. ' +
          'Weights and activations cycle independently, so sets of different sizes have cycles of different lengths.',
        enum: ['ascending', 'descending', 'zigzag'],
        default: 'ascending',
      },
      per: periodOption,
      together: togetherOption,
    },
  },
  create: ({ order, per, together }): Sampler => ({
    per,
    check: (sets) => checkTogether('cyclic', sets, together),
    draw(_random, sets, at) {
      const location = per === 'epoch' ? at.epoch : at.step;
      return drawOperands(sets, together, (bits) => {
        const round = roundOf(bits, order);
        return round[location % round.length]!;
      });
    },
  }),
});

/** The widths of one cycle. */
function roundOf(bits: readonly number[], order: 'ascending' | 'descending' | 'zigzag'): readonly number[] {
  const up = bits.toSorted((a, b) => a - b);
  if (order === 'ascending') return up;
  const down = up.toReversed();
  return order === 'descending' ? down : [...up, ...down.slice(1, -1)];
}
