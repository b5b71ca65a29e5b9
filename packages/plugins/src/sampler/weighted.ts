import { definePlugin, SsqlError, type Sampler } from '@ssql/core';
import { checkTogether, drawOperands, periodOption, togetherOption } from './sides.js';

/** Some widths more often than others. */
export const weighted = definePlugin({
  kind: 'sampler',
  name: 'weighted',
  summary: 'Draws bits at random, some more often than others.',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['shares'],
    properties: {
      shares: {
        description:
          'How often a width is drawn, in proportion to the others of its side, by width: { 2: 1, 8: 3 }. A width left out has 1.',
        type: 'object',
        additionalProperties: { type: 'number', minimum: 0 },
      },
      per: periodOption,
      together: togetherOption,
    },
  },
  create({ shares, per, together }): Sampler {
    const shareOf = (width: number): number => shares[width] ?? 1;
    const sum = (bits: readonly number[]): number => bits.reduce((total, width) => total + shareOf(width), 0);
    return {
      per,
      check(sets) {
        checkTogether('weighted', sets, together);
        const known = [...new Set([...sets.weights, ...sets.activations])];
        const unknown = Object.keys(shares).find((width) => !known.some((one) => String(one) === width));
        if (unknown !== undefined) throw sharesInvalid(`${unknown} is in neither set of bits`, known.join(', '));
        const { weights, activations } = sets;
        const drawn = together ? [weights.filter((width) => activations.includes(width))] : [weights, activations];
        if (drawn.some((bits) => bits.length > 0 && sum(bits) === 0))
          throw sharesInvalid('no width of a side has a share', 'one above 0');
      },
      draw: (random, sets) =>
        drawOperands(sets, together, (bits) => {
          let left = random.uniform() * sum(bits);
          // Rounding may leave a rest behind the last width.
          const possible = bits.filter((width) => shareOf(width) > 0);
          return possible.find((width) => (left -= shareOf(width)) < 0) ?? possible.at(-1)!;
        }),
    };
  },
});

/**
 * The shares of a weighted sampler do not fit the bits that it draws from.
 * @remedy Name widths that are in `bits` of weights or activations, and leave each side one with a share above 0.
 */
function sharesInvalid(found: string, expected: string): SsqlError {
  return new SsqlError('SHARES_INVALID', `weighted: ${found}; expected ${expected}.`);
}
