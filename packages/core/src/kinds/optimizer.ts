import type { Scalar, Tensor } from '@tensorflow/tfjs-core';

/** An optimizer as pure functions. */
export interface Optimizer {
  /** Base learning rate. */
  readonly learningRate: number;
  /** The tensors that it keeps for each parameter. A name alone is a tensor of the parameter's shape, initially zero. */
  readonly slots: readonly (string | OptimizerSlot)[];
  /** Checks options that name parameters. @throws SsqlError if an option matches no parameter */
  check?(parameters: readonly string[]): void;
  /**
   * Changes the gradients of a step before the updates, for example to clip their global norm. Parameters without a gradient are not listed.
   * @returns the new gradients, in order; each keeps its shape
   */
  gradients?(all: readonly ParameterGradient[]): readonly Tensor[];
  /**
   * The next value of one parameter and of its slots, in order.
   * @param step the number of the step, from 0, over all epochs
   */
  update(
    parameter: OptimizedParameter,
    learningRate: Scalar,
    step: Scalar,
  ): { readonly value: Tensor; readonly slots: readonly Tensor[] };
}

export interface OptimizerSlot {
  readonly name: string;
  /** Its shape, from the parameter's; default: the same. */
  shape?(parameter: readonly number[]): readonly number[];
  /** The initial value of each element; default: 0. */
  readonly initial?: number;
}

export interface ParameterGradient {
  readonly name: string;
  readonly gradient: Tensor;
}

export interface OptimizedParameter extends ParameterGradient {
  readonly value: Tensor;
  readonly slots: readonly Tensor[];
}
