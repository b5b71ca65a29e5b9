import type { Quantizer, Trainable } from '../quantizer.js';
import { checksOf, problem } from './checks.js';
import { isShape, isTensor, notTensorOf, shapeText, shown, sizeOf } from './values.js';

export const quantizerChecks = checksOf<Quantizer>({
  parts: () => ({ trainables: { each: trainableChecks } }),
  returns: {
    fakeQuantize: (result, [x]) => notTensorOf(result, x.shape, ', as its input'),
    surrogate: (result, [x]) => notTensorOf(result, x.shape, ', as its input'),
  },
});

const trainableChecks = checksOf<Trainable>({
  members: { shape: 'object' },
  value({ shape, initial }) {
    if (!isShape(shape)) return problem(`\`shape\` [${String(shape)}]`, 'sizes of at least 1');
    const valid = typeof initial === 'function' || Number.isFinite(initial);
    return valid ? undefined : problem(`\`initial\` ${shown(initial)}`, 'a finite number, or a function');
  },
  returns: {
    initial: (result: unknown, _: unknown, { shape }: Trainable) =>
      isTensor(result) && result.size === sizeOf(shape)
        ? undefined
        : problem(shown(result), `a tensor ${shapeText(shape)}, its \`shape\``),
  } as never, // a number has no result
});
