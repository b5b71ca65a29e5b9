import type { GraphOutput } from './library.js';

/** A tensor that was recorded as a product of integer codes and their scale, as uniform quantizers end. */
export interface ScaledCodes {
  readonly codes: GraphOutput;
  readonly scale: GraphOutput;
}

/**
 * Follows codes through the operations that are recorded. Codes of up to 8 bits are integers that bfloat16 has exactly, and the products of
 * two are summed in float32, so a convolution of codes rounds only its result, and again after scaling; one of scaled operands also rounds both
 * operands. Nothing depends on the codes being integers: of other numbers, it is a product in another order.
 */
export interface CodeTracker {
  record(name: string, inputs: readonly GraphOutput[], result: GraphOutput): void;
  /** The codes and the scale of an output; `undefined` if it is no product of codes. */
  of(output: GraphOutput): ScaledCodes | undefined;
}

/** Operations whose results are codes if one of their inputs is: codes are clipped to their range. */
const CLIPPING = ['Minimum', 'Maximum'];

export function codeTracker(): CodeTracker {
  const codes = new Set<string>();
  const scaled = new Map<string, ScaledCodes>();
  const areCodes = (output: GraphOutput): boolean => codes.has(keyOf(output));
  return {
    record(name, inputs, result) {
      if (name === 'Round' || (CLIPPING.includes(name) && inputs.some(areCodes))) codes.add(keyOf(result));
      const [first, second] = inputs;
      if (name !== 'Mul' || first === undefined || second === undefined || areCodes(first) === areCodes(second)) return;
      const [product, scale] = areCodes(first) ? [first, second] : [second, first];
      scaled.set(keyOf(result), { codes: product, scale });
    },
    of: (output) => scaled.get(keyOf(output)),
  };
}

function keyOf({ oper, index }: GraphOutput): string {
  return `${oper} ${index}`;
}
