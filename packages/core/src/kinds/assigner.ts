import type { Precision } from '../quantization/precision.js';
import type { Operand } from './quantizer.js';
import type { BitSets } from './sampler.js';

/** Chooses bit widths per site, within the total cost of the network at a uniform precision. */
export interface Assigner {
  /** The cost that must not increase: bit operations, or the bytes of the weights. */
  readonly budget: Budget;
  /**
   * Bit widths to choose from. Default for an operand: the widths that training draws from and the precision's width. If an operand's list
   * is empty, its sites keep the precision's width.
   */
  readonly bits?: Partial<BitSets>;
  /** Bits of sites; omitted sites keep the precision's width. @throws SsqlError if no choice is within the budget */
  assign(problem: AssignmentProblem): SiteBits | Promise<SiteBits>;
}

export type Budget = 'bops' | 'size';

/** The bits of sites. */
export interface SiteBits {
  readonly weights: ReadonlyMap<string, number>;
  readonly activations: ReadonlyMap<string, number>;
}

export interface AssignmentProblem {
  /** Sites to choose for. Pinned sites and sites of a float operand are not among them. */
  readonly sites: readonly SiteSensitivity[];
  /** The budget: the network's cost, with its layers, if all of these sites have the precision's width. Pins are respected. */
  readonly uniform: NetworkCost;
}

/** The cost of a network for one image at a precision. */
export interface NetworkCost {
  /** Multiplications with weights; those of batch norms, which can be folded, are not counted. */
  readonly macs: number;
  /** Bit operations: each multiplication times the bit widths of both its factors, as in arXiv 2005.07093, section 4; float is 32. */
  readonly bops: number;
  /** Bytes of weights, biases and batch norms, without scales and zero points. */
  readonly bytes: number;
  /** In the order of computation. */
  readonly layers: readonly LayerCost[];
}

export interface LayerCost {
  readonly layer: string;
  /** Numbers in its weight. */
  readonly parameters: number;
  /** The output site that the weights are multiplied with; omitted if that input is float at every precision. */
  readonly inputSite?: string;
  readonly macs: number;
  readonly bops: number;
  /** Bit widths of the weights and of the layer's input. */
  readonly precision: Precision;
}

/** The effect on the features of quantizing one site. */
export interface SiteSensitivity {
  readonly operand: Operand;
  /** A layer, or an output site. */
  readonly site: string;
  /** For each candidate bit width: the mean squared error of the features, divided by the variance of the float features. */
  readonly sensitivity: ReadonlyMap<number, number>;
}

/** The part of a cost that a budget limits. */
export function budgeted(budget: Budget, { bops, bytes }: NetworkCost): number {
  return budget === 'bops' ? bops : bytes;
}
