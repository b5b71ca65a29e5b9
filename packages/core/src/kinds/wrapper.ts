import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import type { Branch, Method } from './method.js';

/** Turns a method's loss into a training objective. It knows no method by name. */
export interface Wrapper {
  /** How many precisions it needs drawn for a step. */
  readonly precisions: number;
  objective<O, T>(method: WrappedMethod<O, T>, branches: Branches, views: readonly Tensor4D[]): Objective<O>;
}

/** What a wrapper sees of a method. Momentum encoder and memory are behind `targets`, which is asked for once a step. */
export interface WrappedMethod<Online = unknown, Targets = unknown> extends Pick<
  Method<Online, Targets>,
  'online' | 'loss'
> {
  targets(online: Online): Targets;
}

export interface Branches {
  /** The float branch. Its passes calibrate the quantized branches of the step. */
  readonly float: Branch;
  /** The branch at the step's drawn precision (the index counts from 0, below `precisions`). */
  quantized(index: number): Branch;
  /**
   * The same precision for targets: no gradient flows back into it, and its heads leave the running statistics to the passes that
   * learn; those of the encoder move.
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
