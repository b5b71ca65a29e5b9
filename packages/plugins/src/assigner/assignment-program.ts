import type { AssignmentProblem, Budget, LayerCost, Operand } from '@ssql/core';

/** A variable and what it is multiplied with. */
type Term = readonly [factor: number, variable: string];

/** The variable that is 1 where a site of the problem has these bits. */
export function choiceOf(site: number, bits: number): string {
  return `x${site}_${bits}`;
}

/**
 * The problem as an integer linear program, in the LP format of CPLEX: choices x are 0 or 1, one of each site is 1, the cost is within
 * the budget, and the sum of their sensitivities is the least. A layer whose weight and input both have a choice costs products of
 * choices: they are variables y >= 0, whose sums over the bits of one are the choice of the other.
 */
export function assignmentProgram(problem: AssignmentProblem, budget: Budget): string {
  const { sites } = problem;
  const largest = Math.max(...sites.flatMap(({ sensitivity }) => [...sensitivity.values()])) || 1;
  const objective = sites.flatMap(({ sensitivity }, site) =>
    [...sensitivity].map(([bits, value]): Term => [value / largest, choiceOf(site, bits)]),
  );
  const { products, spent, limit } = budget === 'bops' ? bitOperations(problem) : size(problem);
  // In units of their greatest common divisor: the solver's tolerance is far less than one.
  const unit = spent.reduce((divisor, [factor]) => greatestCommonDivisor(divisor, factor), 0) || 1;
  const within = spent.map(([factor, variable]): Term => [factor / unit, variable]);
  return [
    'Minimize',
    sum(objective),
    'Subject To',
    ...sites.map(({ sensitivity }, site) => `${sum(choices(sensitivity.keys(), site))} = 1`),
    ...products.map((terms) => `${sum(terms)} = 0`),
    ...(spent.length > 0 ? [`${sum(within)} <= ${Math.floor(limit / unit)}`] : []),
    'Binary',
    ...objective.map(([, variable]) => variable),
    'End',
  ].join('\n');
}

interface Spending {
  /** Sums that are 0, which make products of choices. */
  readonly products: readonly (readonly Term[])[];
  readonly spent: readonly Term[];
  readonly limit: number;
}

/** Bit operations of the layers with a choice: MACs x bits of the weight x bits of the input. */
function bitOperations({ sites, uniform: { layers } }: AssignmentProblem): Spending {
  const products: Term[][] = [];
  const spent: Term[] = [];
  let limit = 0;
  layers.forEach(({ layer, inputSite, macs, bops, precision }, index) => {
    const weight = indexOf(sites, 'weights', layer);
    const input = inputSite === undefined ? -1 : indexOf(sites, 'activations', inputSite);
    if (weight < 0 && input < 0) return;
    limit += bops;
    const widths = (site: number): number[] => [...(sites[site]?.sensitivity.keys() ?? [])];
    if (weight >= 0 && input >= 0) {
      const product = (w: number, a: number): string => `y${index}_${w}_${a}`;
      for (const w of widths(weight))
        products.push([[-1, choiceOf(weight, w)], ...widths(input).map((a): Term => [1, product(w, a)])]);
      for (const a of widths(input)) {
        products.push([[-1, choiceOf(input, a)], ...widths(weight).map((w): Term => [1, product(w, a)])]);
        spent.push(...widths(weight).map((w): Term => [macs * w * a, product(w, a)]));
      }
    } else {
      // A site with a choice has bits at the precision, and the other factor is the same whatever is chosen.
      const [site, own] = weight >= 0 ? [weight, precision.weights] : [input, precision.activations];
      spent.push(...widths(site).map((bits): Term => [(bops / Number(own)) * bits, choiceOf(site, bits)]));
    }
  });
  return { products, spent, limit };
}

/** Bits that the weights with a choice take. */
function size({ sites, uniform: { layers } }: AssignmentProblem): Spending {
  const layerOf = new Map(layers.map((one) => [one.layer, one])); // one that is used twice counts once
  const chosen = sites.flatMap(({ operand, site, sensitivity }, index): { layer: LayerCost; terms: Term[] }[] => {
    const layer = operand === 'weights' ? layerOf.get(site) : undefined;
    if (layer === undefined) return [];
    return [{ layer, terms: [...sensitivity.keys()].map((bits) => [layer.parameters * bits, choiceOf(index, bits)]) }];
  });
  const limit = chosen.reduce((all, { layer }) => all + layer.parameters * Number(layer.precision.weights), 0);
  return { products: [], spent: chosen.flatMap(({ terms }) => terms), limit };
}

function indexOf(sites: AssignmentProblem['sites'], operand: Operand, name: string): number {
  return sites.findIndex((one) => one.operand === operand && one.site === name);
}

function choices(bits: Iterable<number>, site: number): Term[] {
  return [...bits].map((one) => [1, choiceOf(site, one)]);
}

/** A line a term: the format's lines are short. */
function sum(terms: readonly Term[]): string {
  return terms.map(([factor, variable]) => `${factor < 0 ? '-' : '+'} ${Math.abs(factor)} ${variable}`).join('\n');
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
