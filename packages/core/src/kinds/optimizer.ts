import type { Scalar, Tensor } from '@tensorflow/tfjs-core';

/** An optimizer as a pure function on one parameter. */
export interface Optimizer {
  /** Base learning rate. */
  readonly learningRate: number;
  /** Names of the tensors it keeps for each parameter, zero at first; each has the parameter's shape. */
  readonly slots: readonly string[];
  /** Checks options that name parameters. @throws SsqlError where one matches none of them */
  check?(parameters: readonly string[]): void;
  update(
    parameter: OptimizedParameter,
    learningRate: Scalar,
  ): { readonly value: Tensor; readonly slots: readonly Tensor[] };
}

export interface OptimizedParameter {
  readonly name: string;
  readonly value: Tensor;
  readonly gradient: Tensor;
  readonly slots: readonly Tensor[];
}
