import type { Tensors } from '../engine/engine.js';
import type { BitSets } from '../kinds/sampler.js';
import type { PrecisionChoice, Wrapper } from '../kinds/wrapper.js';
import type { Bits, Precision } from '../quantization/precision.js';
import { extremePrecision, precisionChoices } from './precision-choices.js';

/** Batch norms that only quantized branches of one choice use. The float branch uses those with the plain names. */
export interface BatchNormSet {
  readonly choice: PrecisionChoice;
  /** `undefined` if it changes from step to step. */
  readonly precision: Precision | undefined;
}

/** The sets of batch norms besides that of the float branch; none if all branches share it. @throws SsqlError WRAPPER_INVALID */
export function batchNormSets(
  wrapper: Pick<Wrapper, 'precisions' | 'batchNorms'> | undefined,
  bits: BitSets,
): readonly BatchNormSet[] {
  if (wrapper?.batchNorms !== 'by-choice') return [];
  return [...new Set(precisionChoices(wrapper))].map((choice) => ({
    choice,
    precision: choice === 'random' ? undefined : extremePrecision(bits, choice),
  }));
}

/**
 * The set that evaluation uses at a precision; `undefined` is that of the float branch. A precision that was trained as `max` or `min` has
 * its set; each other one has the set of `random`; if no branch was random, the set with the nearest bit widths, the higher of two.
 */
export function batchNormsAt(
  sets: readonly BatchNormSet[],
  { weights, activations }: Precision,
): PrecisionChoice | undefined {
  if (weights === 'float' && activations === 'float') return undefined;
  const distance = ({ precision }: BatchNormSet): number =>
    precision === undefined
      ? 0.5 // farther than the same precision, nearer than any other
      : Math.abs(width(weights) - width(precision.weights)) +
        Math.abs(width(activations) - width(precision.activations));
  const higherFirst = [...sets].sort((a, b) => Number(a.choice === 'min') - Number(b.choice === 'min'));
  return higherFirst.sort((a, b) => distance(a) - distance(b))[0]?.choice;
}

/** The tensors that passes with a set of batch norms read: those of the set instead of the float branch's. */
export function withBatchNorms(tensors: Tensors, choice: PrecisionChoice | undefined): Tensors {
  if (choice === undefined) return tensors;
  const prefix = batchNormName(choice, '');
  const ofSet = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
  return { ...tensors, ...Object.fromEntries(ofSet.map(([name, tensor]) => [name.slice(prefix.length), tensor])) };
}

/** `batchNorms.max.layer1.0.bn1.weight`: the name of a set's tensor, or of its layer. */
export function batchNormName(choice: PrecisionChoice | undefined, name: string): string {
  return choice === undefined ? name : `${PREFIX}${choice}.${name}`;
}

/** The name of the float branch's tensor that a set's tensor stands for; other names are unchanged. */
export function floatName(name: string): string {
  return name.startsWith(PREFIX) ? name.slice(name.indexOf('.', PREFIX.length) + 1) : name;
}

/** The widest that a pipeline can ask for. */
const WIDEST = 16;

function width(bits: Bits): number {
  return bits === 'float' ? WIDEST : bits;
}

/** Prefix of the names of all tensors of such sets. */
export const PREFIX = 'batchNorms.';
