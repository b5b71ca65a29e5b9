import type { Optimizer, OptimizerSlot } from '../optimizer.js';
import { checksOf, problem } from './checks.js';
import { isRecord, isShape, shown, shownShape } from '../../values.js';
import { notTensorOf } from './problems.js';

export const optimizerChecks = checksOf<Optimizer>({
  optional: { gradients: 'function', check: 'function' },
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
  parts: () => ({ slots: { items: slotChecks } }),
  returns: {
    gradients(result, [all]) {
      if (!Array.isArray(result)) return problem(shown(result), 'a list of tensors');
      if (result.length !== all.length)
        return problem(`${result.length} tensors`, `${all.length}, one for each gradient`);
      for (const [index, { name, gradient }] of all.entries()) {
        const wrong = notTensorOf(result[index], gradient.shape);
        if (wrong) return problem(`${wrong.actual} for ${name}`, wrong.expected);
      }
      return undefined;
    },
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
      for (const [index, { shape }] of expected.entries()) {
        const wrong = notTensorOf(tensors[index], shape);
        const what = index === 0 ? 'value' : `slots[${index - 1}]`;
        if (wrong) return problem(`${wrong.actual} as \`${what}\` of ${name}`, wrong.expected);
      }
      return undefined;
    },
  },
});

const slotChecks = checksOf<OptimizerSlot>({
  optional: { shape: 'function', initial: 'number' },
  value: ({ initial = 0 }) =>
    Number.isFinite(initial) ? undefined : problem(`\`initial\` ${shown(initial)}`, 'a finite number'),
  returns: {
    shape: (result) => (isShape(result) ? undefined : problem(shownShape(result), 'sizes of at least 1')),
  },
});
