import type { BitSets } from '../kinds/sampler.js';
import type { PrecisionChoice, Wrapper } from '../kinds/wrapper.js';
import type { Bits, Precision } from '../quantization/precision.js';
import { wrapperInvalid } from './train-errors.js';

const CHOICES: readonly PrecisionChoice[] = ['max', 'min', 'random'];

/** How the precisions of a step are chosen. @throws SsqlError WRAPPER_INVALID */
export function precisionChoices({ precisions }: Pick<Wrapper, 'precisions'>): readonly PrecisionChoice[] {
  if (typeof precisions !== 'number') {
    const unknown = precisions.find((choice) => !CHOICES.includes(choice));
    if (unknown !== undefined) throw wrapperInvalid(`\`precisions\` contains ${String(unknown)}`);
    return precisions;
  }
  if (!Number.isInteger(precisions) || precisions < 0) throw wrapperInvalid(`\`precisions\` is ${precisions}`);
  return Array.from({ length: precisions }, () => 'random' as const);
}

/** The precision with the most or with the fewest bits of each set. */
export function extremePrecision({ weights, activations }: BitSets, choice: 'max' | 'min'): Precision {
  const extreme = (bits: readonly number[]): Bits => (bits.length === 0 ? 'float' : Math[choice](...bits));
  return { weights: extreme(weights), activations: extreme(activations) };
}
