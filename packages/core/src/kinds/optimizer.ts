import type { Scalar, Tensor } from '@tensorflow/tfjs-core';

/** An optimizer as a pure function on one parameter. */
export interface Optimizer {
  /** Base learning rate. */
  readonly learningRate: number;
  /** Names of the tensors that it keeps for each parameter, initially zero; each has the parameter's shape. */
  readonly slots: readonly string[];
  /** Checks options that name parameters. @throws SsqlError if an option matches no parameter */
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
