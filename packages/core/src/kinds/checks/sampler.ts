import type { Bits } from '../../quantization/precision.js';
import type { Sampler } from '../sampler.js';
import { checksOf, problem } from './checks.js';
import { isRecord, shown } from '../../values.js';

export const samplerChecks = checksOf<Sampler>({
  optional: { check: 'function' },
  value: ({ per = 'step' }) =>
    per === 'step' || per === 'epoch' ? undefined : problem(`\`per\` ${shown(per)}`, '`step` or `epoch`'),
  returns: {
    draw(result, [, sets]) {
      if (!isRecord(result)) return problem(shown(result), 'the widths of `weights` and `activations`');
      for (const operand of ['weights', 'activations'] as const) {
        const bits = result[operand] as Bits; // the next line checks it
        if (bits === 'float' || sets[operand].includes(bits)) continue;
        const expected = [...sets[operand], 'float'].join(', ').replace(/, ([^,]*)$/, ' or $1');
        return problem(`${shown(bits)} as the width of \`${operand}\``, expected);
      }
      return undefined;
    },
  },
});
