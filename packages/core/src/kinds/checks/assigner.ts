import type { Assigner } from '../assigner.js';
import { checksOf, problem } from './checks.js';
import { isRecord, shown } from './values.js';

export const assignerChecks = checksOf<Assigner>({
  asynchronous: ['assign'],
  returns: {
    assign(result, [{ sites }]) {
      for (const operand of ['weights', 'activations'] as const) {
        const chosen = isRecord(result) ? result[operand] : undefined;
        if (!(chosen instanceof Map)) return problem(`\`${operand}\` ${shown(chosen)}`, 'a Map from sites to widths');
        for (const [site, bits] of chosen as ReadonlyMap<string, number>) {
          const known = sites.find((candidate) => candidate.operand === operand && candidate.site === site);
          const actual = `${shown(bits)} for the ${operand} of ${site}`;
          if (known === undefined) return problem(actual, 'only sites of the problem');
          if (!known.sensitivity.has(bits)) return problem(actual, [...known.sensitivity.keys()].join(' or '));
        }
      }
      return undefined;
    },
  },
});
