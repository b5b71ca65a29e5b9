import type { Quantizer, Trainable } from '../quantizer.js';
import { checksOf, problem, type Problem } from './checks.js';
import { isFloats, isRecord, isShape, isTensor, shapeText, shown, sizeOf } from '../../values.js';
import { notTensorOf } from './problems.js';

export const quantizerChecks = checksOf<Quantizer>({
  optional: { trainables: 'function', surrogate: 'function', codes: 'function' },
  parts: () => ({ trainables: { each: trainableChecks } }),
  returns: {
    fakeQuantize: (result, [x]) => notTensorOf(result, x.shape, ', as its input'),
    surrogate: (result, [x]) => notTensorOf(result, x.shape, ', as its input'),
    codes: (result, [x]) => wrongCodes(result, x.shape),
  },
});

/** The problem of codes, a scale and a zero point for a tensor of a shape. */
function wrongCodes(result: unknown, shape: readonly number[]): Problem | undefined {
  if (!isRecord(result)) return problem(shown(result), 'an object with `codes`, `scale` and `zeroPoint`');
  const { codes, scale, zeroPoint } = result;
  if (!isTensor(codes) || codes.shape.join() !== shape.join())
    return problem(`\`codes\`: ${shown(codes)}`, `a tensor ${shapeText(shape)}, as its input`);
  const scales = ['', String(shape.at(-1))];
  if (!isTensor(scale) || !scales.includes(scale.shape.join()))
    return problem(`\`scale\`: ${shown(scale)}`, `a scalar or a tensor [${shape.at(-1)}], one number for each channel`);
  if (isTensor(zeroPoint) && zeroPoint.shape.join() === scale.shape.join()) return undefined;
  return problem(`\`zeroPoint\`: ${shown(zeroPoint)}`, `a tensor ${shapeText(scale.shape)}, as its scale`);
}

const trainableChecks = checksOf<Trainable>({
  members: { shape: 'object' },
  value({ shape, initial }) {
    if (!isShape(shape)) return problem(`\`shape\` [${String(shape)}]`, 'sizes of at least 1');
    const valid = typeof initial === 'function' || Number.isFinite(initial);
    return valid ? undefined : problem(`\`initial\` ${shown(initial)}`, 'a finite number, or a function');
  },
  returns: {
    initial: (result: unknown, _: unknown, { shape }: Trainable) =>
      isFloats(result) && result.size === sizeOf(shape)
        ? undefined
        : problem(shown(result), `a tensor ${shapeText(shape)}, its \`shape\``),
  } as never, // a number has no result
});
