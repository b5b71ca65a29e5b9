import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';

export interface ConvolutionOptions {
  readonly stride: number;
  /** Zeros on every side, as in PyTorch (for stride 2 too, unlike TensorFlow's "same"). */
  readonly padding: number;
}

export interface BatchNormalized {
  readonly y: Tensor;
  /** Batch mean, [channels]. */
  readonly mean: Tensor1D;
  /** Batch variance, unbiased (divided by n - 1), as running statistics use it, [channels]. */
  readonly variance: Tensor1D;
}

/** Differentiable operations with the same results on every engine: fused if the backend has fused kernels, else composed. */
export interface NeuralOps {
  /** x [N,H,W,C], filter [kh,kw,C,F] -> [N,H',W',F]. */
  conv2d(x: Tensor4D, filter: Tensor4D, options: ConvolutionOptions): Tensor4D;
  /** x [N,H,W,C], filter [kh,kw,1,C], one filter per channel -> [N,H',W',C]. */
  depthwiseConv2d(x: Tensor4D, filter: Tensor4D, options: ConvolutionOptions): Tensor4D;
  /** Batch norm over all axes but the last, with batch statistics. No gradient flows into `mean` and `variance`. */
  batchNorm(x: Tensor, gamma: Tensor1D, beta: Tensor1D, epsilon: number): BatchNormalized;
  relu<T extends Tensor>(x: T): T;
  /** min(max(x, 0), 6); the gradient passes strictly between the two, as in PyTorch. */
  relu6<T extends Tensor>(x: T): T;
}
