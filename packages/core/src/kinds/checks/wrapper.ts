import type { Wrapper } from '../wrapper.js';
import { checksOf, problem } from './checks.js';
import { isCount, isFloats, isRecord, shown } from '../../values.js';

const CHOICES: readonly unknown[] = ['max', 'min', 'random'];

export const wrapperChecks = checksOf<Wrapper>({
  value({ precisions, batchNorms = 'shared' }) {
    if (typeof precisions === 'number' && !isCount(precisions, 0))
      return problem(`\`precisions\` ${shown(precisions)}`, 'a whole number');
    const unknown = typeof precisions === 'number' ? -1 : precisions.findIndex((choice) => !CHOICES.includes(choice));
    if (unknown >= 0)
      return problem(
        `\`precisions[${unknown}]\` ${shown((precisions as readonly unknown[])[unknown])}`,
        '`max`, `min` or `random`',
      );
    return ['shared', 'by-choice'].includes(batchNorms)
      ? undefined
      : problem(`\`batchNorms\` ${shown(batchNorms)}`, '`shared` or `by-choice`');
  },
  returns: {
    objective(result) {
      if (!isRecord(result)) return problem(shown(result), '`loss`, `parts` and `online`');
      const { loss, parts, online } = result;
      if (!isScalar(loss)) return problem(`\`loss\` ${shown(loss)}`, 'a scalar');
      if (!isRecord(parts)) return problem(`\`parts\` ${shown(parts)}`, 'scalars by name');
      const part = Object.entries(parts).find(([, value]) => !isScalar(value));
      if (part !== undefined) return problem(`\`parts.${part[0]}\` ${shown(part[1])}`, 'a scalar');
      return online === undefined ? problem('no `online`', 'the outputs of the float branch') : undefined;
    },
  },
});

function isScalar(value: unknown): boolean {
  return isFloats(value) && value.rank === 0;
}
