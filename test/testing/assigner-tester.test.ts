import type { Assigner, SiteBits } from '@ssql/core';
import { AssignerTester } from '@ssql/core/testing';
import { testBreaks } from './breaks.js';
import { flawed } from './flawed.js';

const KNOWN = 'it chooses known sites and candidate widths';
const BUDGET = 'it stays within the budget';
const WORSE = 'its choice is not worse than the uniform precision';
const FUNCTION = 'its choice is a function of the problem';

const nothing = (): SiteBits => ({ weights: new Map(), activations: new Map() });
const assigner = (assign: Assigner['assign'], budget: Assigner['budget'] = 'bops') =>
  flawed('assigner', () => ({ budget, assign }));
const all = (pick: (widths: readonly number[]) => number): Assigner['assign'] =>
  function assign({ sites }) {
    const of = (operand: 'weights' | 'activations') =>
      new Map(
        sites
          .filter((site) => site.operand === operand)
          .map(({ site, sensitivity }) => [site, pick([...sensitivity.keys()])]),
      );
    return { weights: of('weights'), activations: of('activations') };
  };

describe('AssignerTester', () => {
  testBreaks(
    AssignerTester,
    [
      { title: 'passes an assigner that keeps the uniform widths', plugin: assigner(nothing), breaks: [] },
      {
        title: 'detects an unknown budget',
        plugin: assigner(nothing, 'time' as 'bops'),
        breaks: ['its budget is bops or size'],
      },
      { title: 'detects a width that is no candidate', plugin: assigner(all(() => 5)), breaks: [KNOWN, BUDGET] },
      {
        title: 'detects a site that has no choice',
        plugin: assigner(() => ({ weights: new Map([['fc', 2]]), activations: new Map() })),
        breaks: [KNOWN, 'without sites it chooses nothing'],
      },
      {
        title: 'detects that the budget is exceeded',
        plugin: assigner(all((widths) => widths.at(-1)!)),
        breaks: [BUDGET],
      },
      { title: 'detects the fewest bits everywhere', plugin: assigner(all((widths) => widths[0]!)), breaks: [WORSE] },
      {
        title: 'detects that a larger budget is worse',
        plugin: assigner(({ sites, uniform }) => {
          const generous = uniform.layers.at(-1)!.precision.weights === 6;
          return generous ? all((widths) => widths[0]!)({ sites, uniform }) : nothing();
        }),
        breaks: [WORSE, 'with a larger budget its choice is not worse'],
      },
      {
        title: 'detects a choice that depends on an earlier one',
        plugin: flawed('assigner', () => {
          let calls = 0;
          return {
            budget: 'bops',
            assign: ({ sites }) =>
              ++calls > 1 && sites.length > 0 ? { weights: new Map([['head', 2]]), activations: new Map() } : nothing(),
          };
        }),
        breaks: [FUNCTION, WORSE],
      },
    ],
    { valid: [{ options: {} }], invalid: [] },
  );
});
