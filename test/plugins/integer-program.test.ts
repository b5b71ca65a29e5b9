import assert from 'node:assert/strict';
import {
  random,
  type Assigner,
  type AssignmentProblem,
  type Bits,
  type Budget,
  type Network,
  type PinnedSites,
  type Precision,
  type SiteBits,
  type SiteSensitivity,
} from '@ssql/core';
import { costOf } from '@ssql/core/run';
import { integerProgram } from '../../packages/plugins/src/assigner/integer-program.js';
import { resnet50 } from '../../packages/plugins/src/backbone/resnet50.js';
import { make } from './make-plugin.js';

/** A stem of the float image, a block whose output two layers read, a depthwise layer, a layer used twice, and a head of a float mean. */
const network: Network = {
  forward(nn, x) {
    x = nn.output(nn.conv2d(x, 'stem', { filters: 3, kernel: 3, stride: 1, padding: 1 }), 'stem');
    const left = nn.conv2d(x, 'left', { filters: 3, kernel: 3, stride: 1, padding: 1 });
    x = nn.output(nn.add(left, nn.conv2d(x, 'right', { filters: 3, kernel: 1, stride: 1, padding: 0 })), 'block');
    x = nn.depthwiseConv2d(x, 'deep', { kernel: 3, stride: 2, padding: 1 });
    for (let i = 0; i < 2; i++) x = nn.conv2d(x, 'twice', { filters: 3, kernel: 1, stride: 1, padding: 0 });
    return nn.linear(nn.globalAveragePool(x), 'head', { units: 4, bias: true });
  },
};
const IMAGE = [6, 5, 3];
const W3A3: Precision = { weights: 3, activations: 3 };
const NO_PINS: PinnedSites = { weights: new Map(), activations: new Map() };
const LAYERS = ['stem', 'left', 'right', 'deep', 'twice', 'head'];
const OUTPUTS = ['stem', 'block'];

interface Setting {
  readonly budget: Budget;
  readonly pins?: PinnedSites;
  readonly seed: number;
}

const bits = { weights: [2, 3, 5], activations: [2, 3, 4] };

/** A problem with sensitivities that fall as bits rise, by chance now and then not. */
function problemOf({ budget, pins = NO_PINS, seed }: Setting): AssignmentProblem {
  const source = random(seed, 'sensitivities');
  const site =
    (operand: 'weights' | 'activations') =>
    (site: string): SiteSensitivity => {
      const size = Math.exp(4 * source.uniform());
      return {
        operand,
        site,
        sensitivity: new Map(bits[operand].map((width) => [width, (size * source.uniform()) / 4 ** width])),
      };
    };
  const free = (operand: 'weights' | 'activations', sites: readonly string[]) =>
    sites.filter((one) => !pins[operand].has(one));
  const outputs = budget === 'size' ? [] : free('activations', OUTPUTS);
  const sites = [...free('weights', LAYERS).map(site('weights')), ...outputs.map(site('activations'))];
  return { sites, uniform: costOf(network, IMAGE, W3A3, pins) };
}

/** The smallest sum of sensitivities within the budget, of all choices there are. */
function bruteForce({ sites, uniform }: AssignmentProblem, { budget, pins = NO_PINS }: Setting): number {
  let least = Infinity;
  const visit = (index: number, chosen: SiteBits, sum: number): void => {
    const one = sites[index];
    if (one === undefined) {
      if (sum < least && spent(chosen, pins, budget) <= amount(uniform, budget)) least = sum;
      return;
    }
    for (const [width, value] of one.sensitivity)
      visit(index + 1, { ...chosen, [one.operand]: new Map([...chosen[one.operand], [one.site, width]]) }, sum + value);
  };
  visit(0, { weights: new Map(), activations: new Map() }, 0);
  return least;
}

function spent(chosen: SiteBits, pins: PinnedSites, budget: Budget): number {
  const all = {
    weights: new Map([...pins.weights, ...chosen.weights]),
    activations: new Map([...pins.activations, ...chosen.activations]),
  };
  return amount(costOf(network, IMAGE, W3A3, all), budget);
}

/** Weights in bits: a byte that is begun would hide a few. */
function amount({ bops, layers }: ReturnType<typeof costOf>, budget: Budget): number {
  if (budget === 'bops') return bops;
  const weights = new Map(
    layers.map(({ layer, parameters, precision }) => [
      layer,
      parameters * (precision.weights === 'float' ? 32 : precision.weights),
    ]),
  );
  return [...weights.values()].reduce((sum, one) => sum + one, 0);
}

function sumOf({ sites }: AssignmentProblem, chosen: SiteBits): number {
  return sites.reduce((sum, { operand, site, sensitivity }) => sum + sensitivity.get(chosen[operand].get(site)!)!, 0);
}

describe('assigner integer-program', () => {
  const pins: PinnedSites = {
    weights: new Map<string, Bits>([['stem', 8], ['deep', 'float']]), // prettier-ignore
    activations: new Map([['stem', 8]]),
  };
  const settings: Setting[] = [1, 2, 3].flatMap((seed) => [
    { budget: 'bops', seed } as const,
    { budget: 'size', seed } as const,
    { budget: 'bops', seed, pins } as const,
    { budget: 'size', seed, pins } as const,
  ]);
  for (const setting of settings) {
    const { budget, seed, pins = NO_PINS } = setting;
    it(`finds the best of all choices: ${budget}, ${pins === NO_PINS ? 'no pins' : 'pins'}, seed ${seed}`, async () => {
      const problem = problemOf(setting);
      const assigner = await make<'assigner'>(integerProgram, { budget });
      const chosen = await assigner.assign(problem);
      assert.ok(spent(chosen, pins, budget) <= amount(problem.uniform, budget), 'the budget is kept');
      const least = bruteForce(problem, setting);
      assert.ok(Math.abs(sumOf(problem, chosen) - least) <= 1e-9 * least, `${sumOf(problem, chosen)} and ${least}`);
      for (const { operand, site } of problem.sites) assert.ok(chosen[operand].has(site), `${operand} of ${site}`);
      assert.equal(chosen.weights.size + chosen.activations.size, problem.sites.length, 'pins are left out');
    });
  }

  it('gives the precision itself where that alone fits', async () => {
    const assigner = await make<'assigner'>(integerProgram);
    const problem = problemOf({ budget: 'bops', seed: 1 });
    const least = new Map([[3, 1], [4, 0.1]]); // prettier-ignore
    const sites = problem.sites.map((one) => ({ ...one, sensitivity: least }));
    const chosen = await assigner.assign({ ...problem, sites });
    for (const { operand, site } of sites) assert.equal(chosen[operand].get(site), 3);
  });

  it('refuses a budget that no choice keeps, with a code', async () => {
    for (const budget of ['bops', 'size'] as const) {
      const assigner = await make<'assigner'>(integerProgram, { budget });
      const problem = problemOf({ budget, seed: 1 });
      const sites = problem.sites.map((one) => ({ ...one, sensitivity: new Map([[4, 0.1], [5, 0.05]]) })); // prettier-ignore
      await assert.rejects(async () => assigner.assign({ ...problem, sites }), { code: 'BUDGET_TOO_SMALL' });
    }
  });

  it('has nothing to choose where all is pinned', async () => {
    const assigner = await make<'assigner'>(integerProgram);
    const chosen = await assigner.assign({ ...problemOf({ budget: 'bops', seed: 1 }), sites: [] });
    assert.equal(chosen.weights.size + chosen.activations.size, 0);
  });

  it('leaves outputs alone where the size is the budget', async () => {
    const { bits: asked }: Assigner = await make<'assigner'>(integerProgram, { budget: 'size', weights: [2, 4] });
    assert.deepEqual(asked, { weights: [2, 4], activations: [] });
    await assert.rejects(make(integerProgram, { budget: 'size', activations: [4] }), { code: 'OPTION_CONFLICT' });
  });

  it('takes networks of real depth', async function () {
    this.timeout(60_000);
    const assigner = await make<'assigner'>(integerProgram);
    const backbone = await make<'backbone'>(resnet50);
    const uniform = costOf(backbone, [224, 224, 3], { weights: 4, activations: 4 }, NO_PINS);
    const source = random(1, 'depth');
    const sensitivity = (): Map<number, number> => {
      const size = Math.exp(4 * source.uniform());
      return new Map([2, 3, 4, 5, 6, 7, 8].map((width) => [width, size / 4 ** width]));
    };
    const inputs = [...new Set(uniform.layers.flatMap(({ inputSite }) => inputSite ?? []))];
    const sites: SiteSensitivity[] = [
      ...uniform.layers.map(({ layer }) => ({ operand: 'weights' as const, site: layer, sensitivity: sensitivity() })),
      ...inputs.map((site) => ({ operand: 'activations' as const, site, sensitivity: sensitivity() })),
    ];
    const chosen = await assigner.assign({ sites, uniform });
    const cost = costOf(backbone, [224, 224, 3], { weights: 4, activations: 4 }, chosen);
    assert.ok(cost.bops <= uniform.bops);
    const everywhere = sites.reduce((sum, one) => sum + one.sensitivity.get(4)!, 0);
    assert.ok(sumOf({ sites, uniform }, chosen) < everywhere);
  });
});
