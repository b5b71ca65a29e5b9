import { SsqlError, type BitSets, type Bits, type Precision } from '@ssql/core';

/** Options of samplers: how long a draw holds, and whether weights and activations share it. */
export const periodOption = {
  description: 'How long a draw holds: a step (the post-step quantization of the paper), or an epoch.',
  enum: ['step', 'epoch'],
  default: 'step',
} as const;

export const togetherOption = {
  description:
    'Draw one width for both weights and activations, from the widths that both sets contain. false: draw one width for each.',
  type: 'boolean',
  default: false,
} as const;

/** The precision of a draw: a width for each operand, or one for both. An operand without a set stays float. */
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
 * A sampler with `together: true` draws one width for weights and activations, but their `bits` have no width in common.
 * @remedy Add a width of one `bits` list to the other, or set `together: false`.
 */
function widthsDisjoint(name: string, weights: readonly number[], activations: readonly number[]): SsqlError {
  return new SsqlError(
    'WIDTHS_DISJOINT',
    `${name}: weights have the widths ${weights.join(', ')} and activations ${activations.join(', ')}; expected a common width.`,
    { hint: 'Add a width of one `bits` list to the other, or set together: false.' },
  );
}
