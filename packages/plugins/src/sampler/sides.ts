import { SsqlError, type BitSets, type Bits, type Precision } from '@ssql/core';

/** The options that say for how long and for what a width is drawn. */
export const periodOption = {
  description: 'How long a draw holds: a step (post step quantization), or an epoch.',
  enum: ['step', 'epoch'],
  default: 'step',
} as const;

export const togetherOption = {
  description:
    'One width for weights and activations, of those that both have in common; otherwise each side gets its own.',
  type: 'boolean',
  default: false,
} as const;

/** The precision of a draw: a width of each side's set, or one for both. A side without a set stays float. */
export function drawOperands(
  { weights, activations }: BitSets,
  together: boolean,
  draw: (bits: readonly number[]) => number,
): Precision {
  const either = (bits: readonly number[]): Bits => (bits.length > 0 ? draw(bits) : 'float');
  if (!together || weights.length === 0 || activations.length === 0)
    return { weights: either(weights), activations: either(activations) };
  const width = draw(common(weights, activations));
  return { weights: width, activations: width };
}

/** @throws SsqlError WIDTHS_DISJOINT */
export function checkTogether(name: string, { weights, activations }: BitSets, together: boolean): void {
  const both = weights.length > 0 && activations.length > 0;
  if (together && both && common(weights, activations).length === 0) throw widthsDisjoint(name, weights, activations);
}

function common(weights: readonly number[], activations: readonly number[]): readonly number[] {
  return weights.filter((width) => activations.includes(width));
}

/**
 * A sampler is to draw one width for weights and activations, and they have none in common.
 * @remedy Add a width to the `bits` of one side that the other has, or set `together: false`.
 */
function widthsDisjoint(name: string, weights: readonly number[], activations: readonly number[]): SsqlError {
  return new SsqlError(
    'WIDTHS_DISJOINT',
    `${name}: weights have the widths ${weights.join(', ')} and activations ${activations.join(', ')}; expected one in common.`,
    { hint: 'Widen the `bits` of one side, or set together: false.' },
  );
}
