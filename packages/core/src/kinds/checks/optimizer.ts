import type { Optimizer } from '../optimizer.js';
import { checksOf, problem } from './checks.js';
import { isRecord, isTensor, shapeText, shown } from './values.js';

export const optimizerChecks = checksOf<Optimizer>({
  value({ learningRate, slots }) {
    if (!Number.isFinite(learningRate) || learningRate < 0)
      return problem(`\`learningRate\` ${shown(learningRate)}`, 'a finite number, not negative');
    if (!Array.isArray(slots)) return problem(`\`slots\` ${shown(slots)}`, 'a list of names');
    const names = (slots as readonly unknown[]).map((slot) => (isRecord(slot) ? slot['name'] : slot));
    const wrong = names.findIndex((name, at) => typeof name !== 'string' || name === '' || names.indexOf(name) < at);
    return wrong < 0
      ? undefined
      : problem(`\`slots[${wrong}]\` ${shown(names[wrong])}`, 'a name, different for each slot');
  },
  returns: {
    update(result, [{ name, value, slots: before }], { slots }) {
      if (!isRecord(result)) return problem(shown(result), '`value` and `slots`');
      const after = result['slots'];
      if (!Array.isArray(after) || after.length !== before.length)
        return problem(
          `${Array.isArray(after) ? `${after.length} slots` : `\`slots\` ${shown(after)}`} for ${name}`,
          `${before.length}: ${slots.map((slot) => (typeof slot === 'string' ? slot : slot.name)).join(', ') || 'none'}`,
        );
      const [tensors, expected] = [
        [result['value'], ...(after as unknown[])],
        [value, ...before],
      ];
      const wrong = expected.findIndex(({ shape }, index) => shapeOf(tensors[index]) !== shape.join());
      if (wrong < 0) return undefined;
      const what = wrong === 0 ? 'value' : `slots[${wrong - 1}]`;
      return problem(
        `${shown(tensors[wrong])} as \`${what}\` of ${name}`,
        `a tensor ${shapeText(expected[wrong]!.shape)}`,
      );
    },
  },
});

function shapeOf(value: unknown): string | undefined {
  return isTensor(value) ? value.shape.join() : undefined;
}
