import type { Highs } from 'highs';
import { definePlugin, SsqlError, type Assigner, type AssignmentProblem, type Budget, type SiteBits } from '@ssql/core';
import { optionConflict } from '../option-conflict.js';
import { assignmentProgram, choiceOf } from './assignment-program.js';

/** The bit widths to choose from for one operand. */
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
  summary:
    'Chooses the per-layer bit widths with the least total sensitivity within the budget, by an integer linear program.',
  paper: 'https://arxiv.org/abs/2011.10680',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      budget: {
        description:
          'What must not exceed that of the uniform precision. bops: bit operations. size: size of the weights; outputs keep their bits.',
        enum: ['bops', 'size'],
        default: 'bops',
      },
      weights: {
        ...bitsOption,
        description:
          "Bit widths of weights to choose from. Default: those that training draws from, and the precision's width.",
      },
      activations: { ...bitsOption, description: 'Bit widths of outputs to choose from. The same default.' },
    },
  },
  check({ budget, activations }) {
    if (budget === 'size' && activations)
      throw optionConflict(
        'activations',
        '`activations` has no effect with budget: size, which counts weights only; expected budget: bops.',
        'Remove `activations`, or set budget: bops.',
      );
  },
  create({ budget, weights, activations }): Assigner {
    return {
      budget,
      // Outputs do not count towards the size.
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

/** Loads the solver on first use: it is a WebAssembly module of several megabytes. */
async function loadHighs(): Promise<Highs> {
  // The types describe the CommonJS build, whose default export is nested one level deeper than the module's.
  const load = (await import('highs')).default as unknown as () => Promise<Highs>;
  return load();
}

/** The width chosen for each site. */
function chosenBits({ sites }: AssignmentProblem, value: (variable: string) => number): SiteBits {
  const bits = { weights: new Map<string, number>(), activations: new Map<string, number>() };
  sites.forEach(({ operand, site, sensitivity }, index) => {
    const chosen = [...sensitivity.keys()].find((width) => value(choiceOf(index, width)) > 0.5);
    if (chosen !== undefined) bits[operand].set(site, chosen);
  });
  return bits;
}

/**
 * No choice of bit widths fits the budget: even the smallest widths cost more than the uniform precision.
 * @remedy Add smaller widths to the assigner's `weights` or `activations`, or ask for a precision with more bits.
 */
function budgetTooSmall(budget: Budget): SsqlError {
  return new SsqlError(
    'BUDGET_TOO_SMALL',
    `integer-program: even the smallest bit widths need more ${budget === 'bops' ? 'bit operations' : 'bytes'} than the uniform precision; expected widths that need less.`,
    { hint: 'Add smaller widths to `weights` or `activations`, or ask for a precision with more bits.' },
  );
}
