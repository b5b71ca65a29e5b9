/** A bit width, or `float` for no quantization. */
export type Bits = number | 'float';

/** Bit widths of weights and of activations. */
export interface Precision {
  readonly weights: Bits;
  readonly activations: Bits;
}

export const FLOAT: Precision = Object.freeze({ weights: 'float', activations: 'float' });

/** How a precision is written in a pipeline: `float`, `w4a8`, `w4` (float activations) or `a8` (float weights). */
export const PRECISION_PATTERN = '^(float|w([1-9]|1[0-6])(a([1-9]|1[0-6]))?|a([1-9]|1[0-6]))$';

/** Reads `float`, `w4a8`, `w4` or `a8`; `undefined` if it is none of these. */
export function parsePrecision(text: string): Precision | undefined {
  if (text === 'float') return FLOAT;
  const match = new RegExp(PRECISION_PATTERN).test(text) ? /^(?:w(\d+))?(?:a(\d+))?$/.exec(text) : undefined;
  if (!match) return undefined;
  return { weights: bits(match[1]), activations: bits(match[2]) };
}

/** Writes a precision in the usual notation: `w4a8`. */
export function formatPrecision({ weights, activations }: Precision): string {
  const text = (weights === 'float' ? '' : `w${weights}`) + (activations === 'float' ? '' : `a${activations}`);
  return text === '' ? 'float' : text;
}

function bits(digits: string | undefined): Bits {
  return digits === undefined ? 'float' : Number(digits);
}
