import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { Engine, Tf } from '../engine/engine.js';

const EPSILON = 1e-5;
const MOMENTUM = 0.1;

/** How a batch norm normalizes: x over all axes but the last. */
export type Normalization = (x: Tensor, layer: string, gamma: Tensor1D, beta: Tensor1D) => Tensor;

/** Running means and variances by name; each pass replaces them. */
export type Statistics = Map<string, Tensor>;

/**
 * Training: by the mean and variance of the batch. Each pass moves the running statistics by a tenth, variance unbiased (PyTorch).
 * @param keep called with tensors that must outlive the gradient's scope
 */
export function batchStatistics(
  { tf, ops }: Pick<Engine, 'tf' | 'ops'>,
  statistics: Statistics,
  keep: <T extends Tensor>(tensor: T) => T,
): Normalization {
  return (x, layer, gamma, beta) => {
    const { y, mean, variance } = ops.batchNorm(x, gamma, beta, EPSILON);
    const move = (name: string, value: Tensor): void => {
      const moved = tf.add(tf.mul(running(statistics, name), 1 - MOMENTUM), tf.mul(value, MOMENTUM));
      statistics.set(name, keep(moved));
    };
    move(`${layer}.running_mean`, mean);
    move(`${layer}.running_var`, variance);
    return y;
  };
}

/** Evaluation: by the running statistics. */
export function runningStatistics({ tf }: Pick<Engine, 'tf'>, statistics: Statistics): Normalization {
  return (x, layer, gamma, beta) => {
    const scale = runningScale(tf, gamma, running(statistics, `${layer}.running_var`));
    const shift = tf.sub(beta, tf.mul(running(statistics, `${layer}.running_mean`), scale));
    return tf.add(tf.mul(x, scale), shift);
  };
}

/** The factor of each channel in evaluation: gamma / sqrt(variance + epsilon). */
export function runningScale(tf: Tf, gamma: Tensor1D, variance: Tensor): Tensor1D {
  return tf.mul(gamma, tf.rsqrt(tf.add(variance, EPSILON)));
}

function running(statistics: Statistics, name: string): Tensor {
  const tensor = statistics.get(name);
  if (tensor === undefined) throw new Error(`no running statistic ${name}`); // a description names them all
  return tensor;
}
