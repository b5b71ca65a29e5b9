import * as tf from '@tensorflow/tfjs-core';
import { depthwiseConv2d } from '../depthwise-convolution.js';
import { checkBatchNorm } from '../engine-errors.js';
import { moveToScope } from '../move-to-scope.js';
import type { BatchNormalized, NeuralOps } from '../neural-ops.js';
import { AttributeKind, DataType } from './attributes.js';
import type { TensorFlowBackend } from './backend.js';
import { convolution } from './convolution.js';

const float = (name: string) => ({ name, type: AttributeKind.type, value: DataType.float32 });
const normalization = (epsilon: number) => [
  float('T'),
  float('U'),
  { name: 'epsilon', type: AttributeKind.float, value: epsilon },
  { name: 'is_training', type: AttributeKind.bool, value: true },
  { name: 'data_format', type: AttributeKind.string, value: 'NHWC' },
];

/** Neural operations as TensorFlow's fused kernels. */
export function fusedOps(backend: TensorFlowBackend): NeuralOps {
  return {
    conv2d: (x, filter, options) => convolution(backend, x, filter, options),
    batchNorm: (x, gamma, beta, epsilon) => batchNorm(backend, x, gamma, beta, epsilon),
    depthwiseConv2d,
    relu: rectifier(backend, tf.relu, 'ReluGrad'),
    relu6: rectifier(backend, tf.relu6, 'Relu6Grad'),
  };
}

/** An activation whose gradient TensorFlow computes from its output. */
function rectifier(backend: TensorFlowBackend, activation: (x: tf.Tensor) => tf.Tensor, gradient: string) {
  return <T extends tf.Tensor>(x: T): T =>
    tf.customGrad((input, save) => {
      const y = activation(input as tf.Tensor);
      (save as tf.GradSaveFunc)([y]);
      return {
        value: y,
        gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => backend.raw(gradient, [float('T')], [dy, saved!], 1)[0]!,
      };
    })(x) as T;
}

/** FusedBatchNormV3 and its gradient; axes before the channels are folded into [N,1,1,C] if the rank is not 4. */
function batchNorm(
  backend: TensorFlowBackend,
  x: tf.Tensor,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
): BatchNormalized {
  checkBatchNorm(x.shape);
  const channels = x.shape[x.rank - 1]!;
  const folded: number[] = x.rank === 4 ? x.shape : [x.size / channels, 1, 1, channels];
  // customGrad returns one tensor and frees the others made in it, so the statistics are kept and then moved to the caller's scope.
  const statistics: tf.Tensor1D[] = [];
  const normalize = tf.customGrad((...inputs: unknown[]) => {
    const [input, scale, offset] = inputs as [tf.Tensor, tf.Tensor1D, tf.Tensor1D];
    const save = inputs[3] as tf.GradSaveFunc;
    const x4 = tf.reshape(input, folded);
    const none = tf.tensor1d([]);
    const attributes = [
      ...normalization(epsilon),
      { name: 'exponential_avg_factor', type: AttributeKind.float, value: 1 },
    ];
    const [y, mean, variance, ...reserved] = backend.raw(
      'FusedBatchNormV3',
      attributes,
      [x4, scale, offset, none, none],
      6,
    );
    statistics.push(tf.keep(mean as tf.Tensor1D), tf.keep(variance as tf.Tensor1D));
    save([x4, scale, ...reserved]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [savedX, savedScale, ...rest] = saved as [tf.Tensor, tf.Tensor, ...tf.Tensor[]];
      const operands = [tf.reshape(dy, folded), savedX, savedScale, ...rest];
      const [dx, dGamma, dBeta] = backend.raw('FusedBatchNormGradV3', normalization(epsilon), operands, 5);
      return [tf.reshape(dx!, x.shape), dGamma!, dBeta!];
    };
    return { value: tf.reshape(y!, x.shape), gradFunc };
  });
  const y = normalize(x, gamma, beta);
  const [mean, variance] = statistics.map(moveToScope) as [tf.Tensor1D, tf.Tensor1D];
  return { y, mean, variance };
}
