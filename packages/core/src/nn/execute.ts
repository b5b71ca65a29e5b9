import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { withNote } from '../errors.js';
import type { Engine, Tf } from '../engine/engine.js';
import type { Operations } from './network.js';
import type { Normalization } from './normalization.js';

/** Functions applied to the weights and outputs of a network at its quantization sites. */
export interface SiteHooks {
  /** The weight that a layer computes with. */
  weight(layer: string, weight: Tensor): Tensor;
  output(site: string, x: Tensor): Tensor;
}

/** The float network: the hooks change nothing. */
export const NO_HOOKS: SiteHooks = Object.freeze({
  weight: (_: string, weight: Tensor) => weight,
  output: (_: string, x: Tensor) => x,
});

export interface Execution {
  /** A parameter by its full name. */
  readonly parameter: (name: string) => Tensor;
  readonly normalization: Normalization;
  readonly sites: SiteHooks;
}

/** The interpretation of a network that computes it. */
export function execute(
  { tf, ops }: Pick<Engine, 'tf' | 'ops'>,
  { parameter: read, normalization, sites }: Execution,
): Operations<Tensor> {
  const parameter = (name: string): Tensor => {
    const tensor = read(name);
    // Only if `forward` does not do the same each time.
    if (tensor === undefined) throw new Error(`the network reads ${name}, a parameter that it did not name at first`);
    return tensor;
  };
  const weight = (layer: string): Tensor => sites.weight(layer, parameter(`${layer}.weight`));
  const biased = (y: Tensor, layer: string, bias: boolean): Tensor =>
    bias ? tf.add(y, parameter(`${layer}.bias`)) : y;
  // The ranks in the casts were checked when the network was described.
  return namingLayers({
    conv2d: (x, layer, { stride, padding, bias = false }) =>
      biased(ops.conv2d(x as Tensor4D, weight(layer) as Tensor4D, { stride, padding }), layer, bias),
    depthwiseConv2d: (x, layer, { stride, padding, bias = false }) =>
      biased(ops.depthwiseConv2d(x as Tensor4D, weight(layer) as Tensor4D, { stride, padding }), layer, bias),
    batchNorm(x, layer, { affine = true } = {}) {
      const channels = x.shape[x.rank - 1] ?? 0;
      const gamma = affine ? parameter(`${layer}.weight`) : tf.ones([channels]);
      const beta = affine ? parameter(`${layer}.bias`) : tf.zeros([channels]);
      return normalization(x, layer, gamma as Tensor1D, beta as Tensor1D);
    },
    relu: (x) => ops.relu(x),
    relu6: (x) => ops.relu6(x),
    gelu: (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
    unitLength: (x) => unitLength(tf, x, 1),
    add: (a, b) => tf.add(a, b),
    globalAveragePool: (x) => tf.mean(x, [1, 2]),
    maxPool(x, { size, stride, padding }) {
      // Padded with the lowest float: zeros would be larger than negative values.
      const sides: [number, number][] = [
        [0, 0],
        [padding, padding],
        [padding, padding],
        [0, 0],
      ];
      const padded = padding === 0 ? x : tf.pad(x, sides, LOWEST);
      return tf.maxPool(padded as Tensor4D, size, stride, 'valid');
    },
    linear: (x, layer, { bias }) => biased(tf.matMul(x as Tensor2D, weight(layer) as Tensor2D), layer, bias !== false),
    weightNormLinear(x, layer) {
      const direction = unitLength(tf, parameter(`${layer}.weight_v`), 0);
      const weights = tf.mul<Tensor2D>(direction, parameter(`${layer}.weight_g`));
      return tf.matMul(x as Tensor2D, weights);
    },
    output: (x, site) => sites.output(site, x),
  });
}

/** x divided by its lengths along an axis, at least 1e-12. */
export function unitLength(tf: Tf, x: Tensor, axis: number): Tensor {
  // The bound is under the root: the length is the same, and the gradient is finite at the zero vector.
  const length = tf.sqrt(tf.maximum(tf.sum(tf.square(x), axis, true), 1e-24));
  return tf.div(x, length);
}

const LOWEST = -3.4028234663852886e38;

/** The operations, whose errors name the layer or the site in which they are thrown. */
function namingLayers(operations: Operations<Tensor>): Operations<Tensor> {
  const naming = Object.entries(operations).map(([operation, compute]: [string, (...args: unknown[]) => unknown]) => {
    const named = (...args: unknown[]): unknown => {
      try {
        return compute(...args);
      } catch (error) {
        throw typeof args[1] === 'string' ? withNote(error, `layer \`${args[1]}\``) : error;
      }
    };
    return [operation, named] as const;
  });
  return Object.fromEntries(naming) as unknown as Operations<Tensor>; // the same operations
}
