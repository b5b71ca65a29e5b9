import type { Quantizer, Trainable } from '../quantizer.js';
import { checksOf, problem, type Problem } from './checks.js';
import { isRecord, isShape, isTensor, notTensorOf, shapeText, shown, sizeOf } from './values.js';

export const quantizerChecks = checksOf<Quantizer>({
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
  const wrong = notTensorOf(codes, shape, ', as its input');
  if (wrong) return problem(`\`codes\`: ${wrong.actual}`, wrong.expected);
  const scales = ['', String(shape.at(-1))];
  if (!isTensor(scale) || !scales.includes(scale.shape.join()))
    return problem(`\`scale\`: ${shown(scale)}`, `a scalar or a tensor [${shape.at(-1)}], one number for each channel`);
  const unlike = notTensorOf(zeroPoint, scale.shape, ', as its scale');
  return unlike && problem(`\`zeroPoint\`: ${unlike.actual}`, unlike.expected);
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
      isTensor(result) && result.size === sizeOf(shape)
        ? undefined
        : problem(shown(result), `a tensor ${shapeText(shape)}, its \`shape\``),
  } as never, // a number has no result
});
