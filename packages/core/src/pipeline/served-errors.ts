import { SsqlError, type Location } from '../errors.js';
import type { Operand } from '../kinds/quantizer.js';
import type { Serves } from '../plugin/contract.js';

/**
 * A quantizer does not serve a bit width that the pipeline asks for, in `bits`, in a pin or in a stage.
 * @remedy Use the quantizer's widths, which the error names, or another quantizer. Pin layers to `float` to leave them unquantized.
 */
export function quantizerWidth(
  quantizer: string,
  operand: Operand,
  { bits: { min, max } = { min: 1, max: 16 } }: Serves,
  width: number,
  location: Location | undefined,
): SsqlError {
  const widths = min === max ? `${min}` : `${min} to ${max}`;
  return new SsqlError(
    'QUANTIZER_WIDTH',
    `The quantizer ${quantizer} does not serve ${width}-bit ${operand}; expected ${widths}.`,
    { location, hint: `Use ${widths} bits for ${operand} there, or another quantizer.` },
  );
}

/**
 * A quantizer does not serve weights, or does not serve activations.
 * @remedy Use another quantizer there.
 */
export function quantizerOperand(quantizer: string, operand: Operand, location: Location | undefined): SsqlError {
  return new SsqlError('QUANTIZER_OPERAND', `The quantizer ${quantizer} does not serve ${operand}.`, {
    location,
    hint: `Use another quantizer for ${operand}.`,
  });
}
