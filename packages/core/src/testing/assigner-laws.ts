import assert from 'node:assert/strict';
import { costOf } from '../evaluate/cost.js';
import { budgeted, type AssignmentProblem, type SiteBits, type SiteSensitivity } from '../kinds/assigner.js';
import type { Operand } from '../kinds/quantizer.js';
import type { Network } from '../nn/network.js';
import type { PinnedSites } from '../quantization/pins.js';
import { random } from '../random.js';
import type { Law, Subject } from './law.js';

/** What a case of an assigner may add to its options: nothing. */
export type AssignerExtra = object;

type AssignerLaw = Law<'assigner', AssignerExtra>;
type AssignerSubject = Subject<'assigner', AssignerExtra>;

/** A layer of the float image, two that read one output, and one that is used twice. */
const NETWORK: Network = {
  forward(nn, x) {
    const convolution = { filters: 4, kernel: 3, stride: 1, padding: 1 };
    x = nn.output(nn.conv2d(x, 'stem', convolution), 'stem');
    x = nn.output(nn.add(nn.conv2d(x, 'left', convolution), nn.conv2d(x, 'right', convolution)), 'block');
    for (let pass = 0; pass < 2; pass++) x = nn.output(nn.conv2d(x, 'twice', convolution), 'twice');
    return nn.linear(nn.globalAveragePool(x), 'head', { units: 5, bias: true });
  },
};
const SITES: { readonly [operand in Operand]: readonly string[] } = {
  weights: ['stem', 'left', 'right', 'twice', 'head'],
  activations: ['stem', 'block', 'twice'],
};
const OPERANDS: readonly Operand[] = ['weights', 'activations'];
const IMAGE = [6, 5, 3];
const WIDTHS = [2, 3, 4, 6, 8];
const UNIFORM = [3, 4, 6];
const NO_PINS: PinnedSites = { weights: new Map(), activations: new Map() };

/** Laws of every assigner. */
export const ASSIGNER_LAWS: readonly AssignerLaw[] = Object.freeze<AssignerLaw[]>([
  {
    name: 'its budget is bops or size',
    check: ({ made: { budget } }) =>
      assert.ok(['bops', 'size'].includes(budget), `\`budget\` is ${budget}; expected bops or size`),
  },
  {
    name: 'it chooses known sites and candidate widths',
    async check(subject) {
      for (const uniform of UNIFORM) {
        const problem = problemOf(subject, uniform);
        const chosen = await subject.made.assign(problem);
        for (const operand of OPERANDS)
          for (const [site, bits] of chosen[operand]) {
            const known = problem.sites.find((candidate) => candidate.operand === operand && candidate.site === site);
            assert.ok(known, `it chooses bits for the ${operand} of ${site}, which has no choice`);
            const candidates = [...known.sensitivity.keys()];
            assert.ok(
              candidates.includes(bits),
              `${bits} bits for the ${operand} of ${site} of ${candidates.join(', ')}`,
            );
          }
      }
    },
  },
  {
    name: 'it stays within the budget',
    async check(subject) {
      for (const uniform of UNIFORM) {
        const problem = problemOf(subject, uniform);
        const spent = spentBy(subject, await subject.made.assign(problem), uniform);
        const budget = budgeted(subject.made.budget, problem.uniform);
        assert.ok(spent <= budget, `w${uniform}a${uniform}: ${spent}; expected at most ${budget}`);
      }
    },
  },
  {
    name: 'its choice is not worse than the uniform precision',
    async check(subject) {
      for (const uniform of UNIFORM) {
        const problem = problemOf(subject, uniform);
        if (problem.sites.some(({ sensitivity }) => !sensitivity.has(uniform))) continue;
        const chosen = sensitivityOf(problem, await subject.made.assign(problem), uniform);
        const alike = sensitivityOf(problem, { weights: new Map(), activations: new Map() }, uniform);
        assert.ok(
          chosen <= alike * (1 + 1e-9),
          `w${uniform}a${uniform}: the sensitivity is ${chosen}; uniform bits have ${alike}`,
        );
      }
    },
  },
  {
    name: 'with a larger budget its choice is not worse',
    async check(subject) {
      const sums: number[] = [];
      for (const uniform of UNIFORM) {
        const problem = problemOf(subject, uniform);
        sums.push(sensitivityOf(problem, await subject.made.assign(problem), uniform));
      }
      const falls = sums.every((sum, index) => index === 0 || sum <= sums[index - 1]! * (1 + 1e-9));
      assert.ok(falls, `the sensitivities at ${UNIFORM.join(', ')} bits are ${sums.join(', ')}`);
    },
  },
  {
    name: 'its choice is a function of the problem',
    async check(subject) {
      const [problem, other] = [problemOf(subject, 4), problemOf(subject, 3)];
      const first = await subject.made.assign(problem);
      await subject.made.assign(other);
      assert.deepEqual(await subject.made.assign(problem), first, 'the second choice differs');
    },
  },
  {
    name: 'without sites it chooses nothing',
    async check(subject) {
      const { weights, activations } = await subject.made.assign({ ...problemOf(subject, 4), sites: [] });
      assert.equal(weights.size + activations.size, 0, 'it chooses bits for sites that have no choice');
    },
  },
]);

/** Sensitivities that fall as bits rise, of different sizes at different sites. */
function problemOf({ made }: AssignerSubject, uniform: number): AssignmentProblem {
  const source = random(1, 'sensitivities');
  const sites = OPERANDS.flatMap((operand) =>
    SITES[operand].flatMap((site): SiteSensitivity[] => {
      const size = Math.exp(4 * source.uniform());
      const widths = [...(made.bits?.[operand] ?? new Set([...WIDTHS, uniform]))].sort((a, b) => a - b);
      const sensitivity = new Map(widths.map((width) => [width, size / 4 ** width]));
      return widths.length === 0 ? [] : [{ operand, site, sensitivity }];
    }),
  );
  return { sites, uniform: costAt(uniform, NO_PINS) };
}

function spentBy({ made }: AssignerSubject, chosen: SiteBits, uniform: number): number {
  return budgeted(made.budget, costAt(uniform, { weights: chosen.weights, activations: chosen.activations }));
}

function costAt(bits: number, pins: PinnedSites) {
  return costOf(NETWORK, IMAGE, { weights: bits, activations: bits }, pins);
}

/** The sum of the sensitivities of a choice; sites that it leaves out have the uniform width. */
function sensitivityOf({ sites }: AssignmentProblem, chosen: SiteBits, uniform: number): number {
  const values = sites.map(
    ({ operand, site, sensitivity }) => sensitivity.get(chosen[operand].get(site) ?? uniform) ?? 0,
  );
  return values.reduce((sum, value) => sum + value, 0);
}
