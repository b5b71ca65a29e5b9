import type { AssignmentProblem, Budget, LayerCost, Operand } from '@ssql/core';

/** A variable and its coefficient. */
type Term = readonly [factor: number, variable: string];

/** The variable that is 1 if a site of the problem gets these bits. */
export function choiceOf(site: number, bits: number): string {
  return `x${site}_${bits}`;
}

/**
 * The problem as an integer linear program, in the LP format of CPLEX: choices x are 0 or 1, exactly one per site is 1, the cost is within
 * the budget, and the sum of the sensitivities is minimal. If both the weight and the input of a layer have a choice, its cost contains
 * products of choices. They are variables y >= 0: summed over the bits of one factor, they equal the choice of the other factor.
 */
export function assignmentProgram(problem: AssignmentProblem, budget: Budget): string {
  const { sites } = problem;
  const largest = Math.max(...sites.flatMap(({ sensitivity }) => [...sensitivity.values()])) || 1;
  const objective = sites.flatMap(({ sensitivity }, site) =>
    [...sensitivity].map(([bits, value]): Term => [value / largest, choiceOf(site, bits)]),
  );
  const { products, spent, limit } = budget === 'bops' ? bitOperations(problem) : size(problem);
  // Costs are divided by their greatest common divisor: the solver's tolerance is then far smaller than one unit.
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
  /** Sums that must be 0; they define the products of choices. */
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
      // The other factor is constant. The site with a choice is quantized at the uniform precision, so its width there is a number.
      const [site, uniformBits] = weight >= 0 ? [weight, precision.weights] : [input, precision.activations];
      spent.push(...widths(site).map((bits): Term => [(bops / Number(uniformBits)) * bits, choiceOf(site, bits)]));
    }
  });
  return { products, spent, limit };
}

/** Size, in bits, of the weights that have a choice. */
function size({ sites, uniform: { layers } }: AssignmentProblem): Spending {
  const layerOf = new Map(layers.map((cost) => [cost.layer, cost])); // a layer that is used twice counts once
  const chosen = sites.flatMap(({ operand, site, sensitivity }, index): { layer: LayerCost; terms: Term[] }[] => {
    const layer = operand === 'weights' ? layerOf.get(site) : undefined;
    if (layer === undefined) return [];
    return [{ layer, terms: [...sensitivity.keys()].map((bits) => [layer.parameters * bits, choiceOf(index, bits)]) }];
  });
  const limit = chosen.reduce((all, { layer }) => all + layer.parameters * Number(layer.precision.weights), 0);
  return { products: [], spent: chosen.flatMap(({ terms }) => terms), limit };
}

function indexOf(sites: AssignmentProblem['sites'], operand: Operand, name: string): number {
  return sites.findIndex((candidate) => candidate.operand === operand && candidate.site === name);
}

function choices(bits: Iterable<number>, site: number): Term[] {
  return [...bits].map((width) => [1, choiceOf(site, width)]);
}

/** One term per line: the format limits the length of a line. */
function sum(terms: readonly Term[]): string {
  return terms.map(([factor, variable]) => `${factor < 0 ? '-' : '+'} ${Math.abs(factor)} ${variable}`).join('\n');
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
