import type { Assigner } from '../assigner.js';
import { checksOf, problem } from './checks.js';
import { isCount, isRecord, shown } from '../../values.js';

export const assignerChecks = checksOf<Assigner>({
  optional: { bits: 'record' },
  value({ bits = {} }) {
    for (const [operand, widths] of Object.entries(bits) as [string, unknown][]) {
      const place = `\`bits.${operand}\``;
      if (operand !== 'weights' && operand !== 'activations') return problem(place, '`weights` and `activations`');
      if (!Array.isArray(widths)) return problem(`${place} ${shown(widths)}`, 'a list of widths');
      const wrong = widths.find((width) => !(isCount(width, 1) && width <= 16));
      if (wrong !== undefined) return problem(`${shown(wrong)} in ${place}`, 'widths from 1 to 16');
    }
    return undefined;
  },
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
