import type { Highs } from 'highs';
import { definePlugin, SsqlError, type Assigner, type AssignmentProblem, type Budget, type SiteBits } from '@ssql/core';
import { optionConflict } from '../option-conflict.js';
import { assignmentProgram, choiceOf } from './assignment-program.js';

/** The set of bit widths of a side. */
const bitsOption = {
  type: 'array',
  items: { type: 'integer', minimum: 1, maximum: 16 },
  minItems: 1,
  uniqueItems: true,
} as const;

/**
 * The bits that minimize the sum of sensitivities within the budget, exactly, by an integer linear program (HAWQ-V3, Yao et al.,
 * section 3.4). Bit operations couple the bits of a layer's weight with those of the output that it reads.
 */
export const integerProgram = definePlugin({
  kind: 'assigner',
  name: 'integer-program',
  summary: 'Minimizes the sum of the sensitivities within the budget, by an integer linear program.',
  paper: 'https://arxiv.org/abs/2011.10680',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      budget: {
        description:
          'What may be no more than at the precision everywhere: bit operations, or the size of the weights, where outputs keep their bits.',
        enum: ['bops', 'size'],
        default: 'bops',
      },
      weights: {
        ...bitsOption,
        description: "Bit widths to choose from; left out: those that training draws from, and the precision's own.",
      },
      activations: { ...bitsOption, description: 'The same of outputs.' },
    },
  },
  create({ budget, weights, activations }): Assigner {
    if (budget === 'size' && activations)
      throw optionConflict(
        'integer-program: activations has bit widths, but outputs are no part of the size; expected budget: bops.',
        'Leave activations out, or set budget: bops.',
      );
    return {
      budget,
      // Outputs are no part of the size.
      bits: {
        ...(weights && { weights }),
        ...(budget === 'size' ? { activations: [] } : activations && { activations }),
      },
      async assign(problem) {
        if (problem.sites.length === 0) return NOTHING;
        const highs = await loadHighs();
        const { Status: status, Columns: columns } = highs.solve(assignmentProgram(problem, budget), {
          output_flag: false,
          mip_rel_gap: 0,
          mip_abs_gap: 0,
        });
        if (status === 'Infeasible') throw budgetTooSmall(budget);
        if (status !== 'Optimal') throw new Error(`HiGHS ended with ${status}`);
        return chosenBits(problem, (variable) => columns[variable]?.Primal ?? 0);
      },
    };
  },
});

const NOTHING: SiteBits = Object.freeze({ weights: new Map(), activations: new Map() });

/** Loads the solver where it is used: it is a WebAssembly module of megabytes. */
async function loadHighs(): Promise<Highs> {
  // Its types are those of its CommonJS build, whose default export lies one deeper than that of the module.
  const load = (await import('highs')).default as unknown as () => Promise<Highs>;
  return load();
}

/** The width of each site whose choice is 1. */
function chosenBits({ sites }: AssignmentProblem, value: (variable: string) => number): SiteBits {
  const bits = { weights: new Map<string, number>(), activations: new Map<string, number>() };
  sites.forEach(({ operand, site, sensitivity }, index) => {
    const chosen = [...sensitivity.keys()].find((width) => value(choiceOf(index, width)) > 0.5);
    if (chosen !== undefined) bits[operand].set(site, chosen);
  });
  return bits;
}

/**
 * No choice of bit widths costs as little as the precision does everywhere.
 * @remedy Give the assigner smaller widths in `weights` or `activations`, or ask for a precision with more bits.
 */
function budgetTooSmall(budget: Budget): SsqlError {
  return new SsqlError(
    'BUDGET_TOO_SMALL',
    `integer-program: even the smallest bit widths cost more ${budget === 'bops' ? 'bit operations' : 'bytes'} than the precision does everywhere; expected widths that cost less.`,
    { hint: 'Add smaller widths to `weights` or `activations`, or ask for a precision with more bits.' },
  );
}
