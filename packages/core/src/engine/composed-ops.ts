import * as tf from '@tensorflow/tfjs-core';
import { depthwiseConv2d } from './depthwise-convolution.js';
import { checkBatchNorm } from './engine-errors.js';
import type { BatchNormalized, ConvolutionOptions, NeuralOps } from './neural-ops.js';
import { moveToScope } from './move-to-scope.js';
import { lowerStridedPointwise } from './strided-pointwise.js';

/** The operations composed of tfjs's operations: for every backend without fused kernels. */
export function composedOps(): NeuralOps {
  return { conv2d, depthwiseConv2d, batchNorm, relu, relu6 };
}

function conv2d(x: tf.Tensor4D, filter: tf.Tensor4D, options: ConvolutionOptions): tf.Tensor4D {
  const lowered = lowerStridedPointwise({ x, filter, options });
  const { stride, padding } = lowered.options;
  const sides: [number, number] = [padding, padding];
  // With a single number, tfjs takes the output's width for the width of a square filter, and the wasm backend writes out of bounds.
  return tf.conv2d(lowered.x, lowered.filter, stride, [[0, 0], sides, sides, [0, 0]]);
}

/**
 * Batch norm over all axes but the last. Its gradient is the closed form of https://arxiv.org/abs/1502.03167, section 3:
 * dx = gamma rstd (dy - mean(dy) - xhat mean(dy xhat)).
 */
function batchNorm(x: tf.Tensor, gamma: tf.Tensor1D, beta: tf.Tensor1D, epsilon: number): BatchNormalized {
  const channels = gamma.size;
  const count = x.size / channels;
  checkBatchNorm(x.shape);
  // customGrad returns one tensor and frees the others made in it, so the statistics are kept and then moved to the caller's scope.
  const statistics: tf.Tensor1D[] = [];
  const normalize = tf.customGrad((...operands) => {
    // customGrad's type does not separate the inputs from the save function.
    const [input, scale, shift, save] = operands as [tf.Tensor, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    const rows: tf.Tensor2D = tf.reshape(input, [count, channels]);
    const mean = meanOfRows(rows);
    const centered: tf.Tensor2D = tf.sub(rows, mean);
    const variance: tf.Tensor1D = meanOfRows(tf.square(centered));
    const rstd = tf.div<tf.Tensor1D>(1, tf.sqrt(tf.add(variance, epsilon)));
    statistics.push(tf.keep(mean), tf.keep(tf.mul(variance, count / (count - 1))));
    save([centered, scale, rstd]);
    return {
      value: tf.reshape(tf.add(tf.mul(centered, tf.mul(scale, rstd)), shift), x.shape),
      gradFunc: (dy, saved) => batchNormGradient(dy, saved as [tf.Tensor2D, tf.Tensor1D, tf.Tensor1D]),
    };
  });
  const y = normalize(x, gamma, beta);
  const [mean, variance] = statistics.map(moveToScope) as [tf.Tensor1D, tf.Tensor1D];
  return { y, mean, variance };
}

function batchNormGradient(
  dy: tf.Tensor,
  [centered, gamma, rstd]: [tf.Tensor2D, tf.Tensor1D, tf.Tensor1D],
): tf.Tensor[] {
  const [count] = centered.shape;
  const rows: tf.Tensor2D = tf.reshape(dy, centered.shape);
  const meanOfDy = meanOfRows(rows);
  const meanOfDyXhat = tf.mul(meanOfRows(tf.mul<tf.Tensor2D>(rows, centered)), rstd);
  const xhatPart = tf.mul(centered, tf.mul(rstd, meanOfDyXhat));
  const dx = tf.mul(tf.sub(tf.sub(rows, meanOfDy), xhatPart), tf.mul(gamma, rstd));
  return [tf.reshape(dx, dy.shape), tf.mul(meanOfDyXhat, count), tf.mul(meanOfDy, count)];
}

/** [n,C] -> [C], as a matrix product: tf.mean over the first axis transposes first, which on wasm takes 18 times as long. */
function meanOfRows(rows: tf.Tensor2D): tf.Tensor1D {
  const [count, channels] = rows.shape;
  return tf.reshape(tf.matMul(tf.fill([1, count], 1 / count), rows), [channels]);
}

function relu<T extends tf.Tensor>(x: T): T {
  const rectify = tf.customGrad((...operands) => {
    const [input, save] = operands as [T, tf.GradSaveFunc];
    const y = tf.relu(input);
    save([y]);
    return { value: y, gradFunc: (dy, saved) => tf.mul(dy, tf.step(saved[0] as T)) };
  });
  // customGrad's type loses the rank.
  return rectify(x) as T;
}

function relu6<T extends tf.Tensor>(x: T): T {
  const rectify = tf.customGrad((...operands) => {
    const [input, save] = operands as [T, tf.GradSaveFunc];
    const y = tf.relu6(input);
    save([y]);
    const gradFunc = (dy: tf.Tensor, [saved]: tf.Tensor[]) => {
      const inside = tf.mul(tf.step(saved!), tf.step(tf.sub(6, saved!)));
      return tf.mul(dy, inside);
    };
    return { value: y, gradFunc };
  });
  // customGrad's type loses the rank.
  return rectify(x) as T;
}
