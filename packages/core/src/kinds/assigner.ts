import type { Precision } from '../quantization/precision.js';
import type { Operand } from './quantizer.js';
import type { BitSets } from './sampler.js';

/** Chooses bits for each site of a network, within what the network would cost at one precision everywhere. */
export interface Assigner {
  /** What may not be more: bit operations, or the bytes of the weights. */
  readonly budget: Budget;
  /**
   * Bit widths to choose from. A side left out has those that training draws from, and the precision's own; at a side with none, sites keep
   * the precision's own.
   */
  readonly bits?: Partial<BitSets>;
  /** Bits of sites; those that are left out keep the precision's own. @throws SsqlError where no choice keeps the budget */
  assign(problem: AssignmentProblem): SiteBits | Promise<SiteBits>;
}

export type Budget = 'bops' | 'size';

/** The bits of sites. */
export interface SiteBits {
  readonly weights: ReadonlyMap<string, number>;
  readonly activations: ReadonlyMap<string, number>;
}

export interface AssignmentProblem {
  /** Sites to choose for. Pinned sites and those of a side that is float have no choice and are left out. */
  readonly sites: readonly SiteSensitivity[];
  /** What the network costs where all of them have the bits of the precision, with its layers: the budget. Pins are counted. */
  readonly uniform: NetworkCost;
}

/** What a network computes for one image at a precision. */
export interface NetworkCost {
  /** Multiplications with weights; those of batch norms, which fold into them, are not counted. */
  readonly macs: number;
  /** Bit operations: each multiplication times the bit widths of both its factors, as in arXiv 2005.07093, section 4; float is 32. */
  readonly bops: number;
  /** Bytes that weights, biases and batch norms take, without scales and zero points. */
  readonly bytes: number;
  /** In the order in which they are computed. */
  readonly layers: readonly LayerCost[];
}

export interface LayerCost {
  readonly layer: string;
  /** Numbers in its weight. */
  readonly parameters: number;
  /** The output site whose bits the weights are multiplied with; left out where that is float at any precision. */
  readonly inputSite?: string;
  readonly macs: number;
  readonly bops: number;
  /** Bit widths of the weights and of what they are multiplied with. */
  readonly precision: Precision;
}

/** What quantizing one site does to the features. */
export interface SiteSensitivity {
  readonly operand: Operand;
  /** A layer, or an output site. */
  readonly site: string;
  /** By the bit widths to choose from: the mean squared error of the features over the variance of the float ones. */
  readonly sensitivity: ReadonlyMap<number, number>;
}

/** The part of a cost that a budget is about. */
export function budgeted(budget: Budget, { bops, bytes }: NetworkCost): number {
  return budget === 'bops' ? bops : bytes;
}
