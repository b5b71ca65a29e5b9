import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import type { Branch } from './method.js';

/** Turns a method's loss into a training objective. It knows no method by name. */
export interface Wrapper {
  /** The precisions of a step: how many the sampler draws, or how each is chosen, in the order of `branches.quantized(index)`. */
  readonly precisions: number | readonly PrecisionChoice[];
  /**
   * Which branches have the same batch norms (scales, shifts and running statistics). `shared`, the default: all. `by-choice`: the float
   * branch, and the quantized branches of each choice, have their own (Jin et al., arXiv 1912.09666, section 4.1). Evaluation uses those of
   * `max` or `min` at exactly that precision, and those of `random` at the others; if no branch is random, those of the nearest bit widths.
   * The float branch's tensors keep their names; the others are named `batchNorms.<choice>.<name>`. Output ranges come from the float branch.
   */
  readonly batchNorms?: 'shared' | 'by-choice' | undefined;
  objective<O, T>(method: WrappedMethod<O, T>, branches: Branches, views: readonly Tensor4D[]): Objective<O>;
}

/**
 * How a precision is chosen: the most bits of each set, the fewest bits of each set, or as the sampler draws. An operand without a set is
 * float.
 */
export type PrecisionChoice = 'max' | 'min' | 'random';

/** The part of a method that a wrapper uses. Momentum encoder and memory are hidden behind `targets`, which is called once per step. */
export interface WrappedMethod<Online = unknown, Targets = unknown> {
  online(branch: Branch, views: readonly Tensor4D[]): Online;
  targets(online: Online): Targets;
  loss(online: Online, targets: Targets): Scalar;
}

export interface Branches {
  /** The float branch. Its passes calibrate the quantized branches of the step. */
  readonly float: Branch;
  /** The branch at the step's drawn precision (the index counts from 0, below the number of `precisions`). */
  quantized(index: number): Branch;
  /**
   * The same precision for targets: no gradient flows through it. Its heads do not update running statistics; its encoder does.
   */
  quantizedTarget(index: number): Branch;
}

export interface Objective<O = unknown> {
  readonly loss: Scalar;
  /** The loss's parts, for metrics. */
  readonly parts: { readonly [name: string]: Scalar };
  /** The float outputs of the online branch. */
  readonly online: O;
}
