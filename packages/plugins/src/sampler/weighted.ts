import { definePlugin, SsqlError, type Sampler } from '@ssql/core';
import { checkTogether, drawOperands, periodOption, togetherOption } from './operands.js';

/** Draws some widths more often than others. */
export const weighted = definePlugin({
  kind: 'sampler',
  name: 'weighted',
  summary: 'Draws bit widths at random, each in proportion to its share.',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['shares'],
    properties: {
      shares: {
        description:
          'Relative share of each width, separately for weights and activations: { 2: 1, 8: 3 }. Widths not listed have the share 1.',
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
        const unknown = Object.keys(shares).find((width) => !known.some((bits) => String(bits) === width));
        if (unknown !== undefined)
          throw sharesInvalid(
            `${unknown} is neither in the bits of weights nor in those of activations`,
            known.join(', '),
          );
        const { weights, activations } = sets;
        const drawn = together ? [weights.filter((width) => activations.includes(width))] : [weights, activations];
        if (drawn.some((bits) => bits.length > 0 && sum(bits) === 0))
          throw sharesInvalid('every width of weights or of activations has the share 0', 'a share above 0');
      },
      draw: (random, sets) =>
        drawOperands(sets, together, (bits) => {
          let left = random.uniform() * sum(bits);
          // Rounding may leave a remainder after the last width.
          const possible = bits.filter((width) => shareOf(width) > 0);
          return possible.find((width) => (left -= shareOf(width)) < 0) ?? possible.at(-1)!;
        }),
    };
  },
});

/**
 * The shares of a weighted sampler do not match the `bits` that it draws from.
 * @remedy List only widths in the `bits` of weights or activations, and give at least one width of each a share above 0.
 */
function sharesInvalid(problem: string, expected: string): SsqlError {
  return new SsqlError('SHARES_INVALID', `weighted: ${problem}; expected ${expected}.`);
}
