import type { Augmentation, PreparedAugmentation } from '../augmentation.js';
import { checksOf, problem, type Problem } from './checks.js';
import { isCount, isShape, shown } from '../../values.js';
import { notTensorOf } from './problems.js';

export const augmentationChecks = checksOf<Augmentation>({ parts: () => ({ prepare: preparedChecks }) });

const preparedChecks = checksOf<PreparedAugmentation>({
  members: { output: 'object', draws: 'number', draw: 'function', apply: 'function' },
  optional: { evaluation: 'boolean', describe: 'function', drawWithin: 'function' },
  value({ output, draws, evaluation }) {
    if (!isShape(output, 3)) return problem(`\`output\` [${String(output)}]`, 'height, width and channels');
    if (!isCount(draws, 0)) return problem(`\`draws\` ${shown(draws)}`, 'a whole number');
    if (evaluation === true && draws > 0)
      return problem(`\`evaluation\` true and \`draws\` ${draws}`, '`draws` 0, because evaluation draws no numbers');
    return undefined;
  },
  returns: {
    draw: notNumbersOf,
    drawWithin: notNumbersOf,
    describe: (result) => (typeof result === 'string' ? undefined : problem(shown(result), 'a text')),
    apply: (result, [images], { output }) => notTensorOf(result, [images.shape[0], ...output], ', its `output`'),
  },
});

/** What is wrong with the numbers of a sample. */
function notNumbersOf(result: unknown, _: unknown, { draws }: PreparedAugmentation): Problem | undefined {
  const numbers = result as readonly number[]; // the next line checks it
  if (numbers?.length !== draws)
    return problem(Array.isArray(result) ? `${result.length} numbers` : shown(result), `${draws}, its \`draws\``);
  // A loop: it runs for each sample.
  for (let i = 0; i < draws; i++) if (!Number.isFinite(numbers[i])) return problem(shown(numbers[i]), 'finite numbers');
  return undefined;
}
