import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { Tensors, Tf } from '../engine/engine.js';
import type { Network, Operations } from './network.js';
import { runningScale } from './normalization.js';

/** A network whose batch norms are folded into the layers before them, and how to compute its tensors. */
export interface FoldedNetwork {
  /** The same layers and sites; a layer with a folded batch norm has a bias. */
  readonly network: Network;
  /** New tensors: weights and biases of the layers with a folded batch norm, computed from the original network's tensors. */
  tensors(tf: Tf, before: Tensors): Tensors;
}

/**
 * Folds batch norms into the convolution or linear layer before them, by their running statistics: w' = w s and
 * b' = (b - mean) s + beta, with s = gamma / sqrt(variance + epsilon), for each output channel (Jacob et al., arXiv 1712.05877,
 * section 3.2). A batch norm that follows something else, or a layer whose output is also used elsewhere, is unchanged.
 */
export function foldBatchNorms(network: Network): FoldedNetwork {
  const layers = foldableLayers(network);
  const norms = new Set([...layers.values()].map(({ norm }) => norm));
  return {
    network: { forward: (nn, x) => network.forward(without(norms, layers, nn), x) },
    tensors: (tf, before) =>
      Object.fromEntries([...layers].flatMap(([layer, norm]) => Object.entries(fold(tf, before, layer, norm)))),
  };
}

interface Norm {
  readonly norm: string;
  readonly affine: boolean;
}

type Layers = ReadonlyMap<string, Norm>;

/** The layer that computed a value, if it is a layer with a weight. */
type Source = string | undefined;

/** Layers whose output is used only by one batch norm whose inputs are all outputs of such layers. */
function foldableLayers(network: Network): Layers {
  const followers = new Map<string, Set<string | undefined>>();
  const sources = new Map<string, Set<Source>>();
  const affine = new Map<string, boolean>();
  /** Records that a layer's output is used by a batch norm or by something else. */
  const goes = (source: Source, norm?: string): undefined => {
    if (source !== undefined) put(followers, source, norm);
  };
  const layer = (x: Source, name: string): Source => {
    goes(x);
    return name;
  };
  const nn: Operations<Source> = {
    conv2d: layer,
    depthwiseConv2d: layer,
    linear: layer,
    batchNorm(x, norm, options = {}) {
      put(sources, norm, x);
      affine.set(norm, options.affine ?? true);
      return goes(x, norm);
    },
    relu: (x) => goes(x),
    relu6: (x) => goes(x),
    gelu: (x) => goes(x),
    unitLength: (x) => goes(x),
    weightNormLinear: (x) => goes(x),
    globalAveragePool: (x) => goes(x),
    maxPool: (x) => goes(x),
    output: (x) => goes(x),
    add(a, b) {
      goes(a);
      return goes(b);
    },
  };
  goes(network.forward(nn, undefined));
  const goesOnlyTo = (source: Source, norm: string): boolean =>
    source !== undefined && [...(followers.get(source) ?? [])].every((follower) => follower === norm);
  const layers = new Map<string, Norm>();
  for (const [norm, before] of sources) {
    if (![...before].every((source) => goesOnlyTo(source, norm))) continue;
    for (const source of before)
      if (source !== undefined) layers.set(source, { norm, affine: affine.get(norm) ?? true });
  }
  return layers;
}

function put<T>(sets: Map<string, Set<T>>, name: string, value: T): void {
  sets.set(name, (sets.get(name) ?? new Set()).add(value));
}

function without<T>(norms: ReadonlySet<string>, layers: Layers, nn: Operations<T>): Operations<T> {
  const biased = <O extends object>(layer: string, options: O): O =>
    layers.has(layer) ? { ...options, bias: true } : options;
  return {
    ...nn,
    conv2d: (x, layer, options) => nn.conv2d(x, layer, biased(layer, options)),
    depthwiseConv2d: (x, layer, options) => nn.depthwiseConv2d(x, layer, biased(layer, options)),
    linear: (x, layer, options) => nn.linear(x, layer, biased(layer, options)),
    batchNorm: (x, layer, options) => (norms.has(layer) ? x : nn.batchNorm(x, layer, options)),
  };
}

function fold(tf: Tf, before: Tensors, layer: string, { norm, affine }: Norm): Tensors {
  const [weight, bias] = [`${layer}.weight`, `${layer}.bias`];
  const tensor = (name: string): Tensor => before[name]!; // the network names only its own tensors
  return tf.tidy(() => {
    const variance = tensor(`${norm}.running_var`) as Tensor1D;
    const scale = runningScale(tf, affine ? (tensor(`${norm}.weight`) as Tensor1D) : tf.onesLike(variance), variance);
    const centred = tf.sub(before[bias] ?? 0, tensor(`${norm}.running_mean`));
    const shifted = tf.mul(centred, scale);
    return {
      [weight]: tf.mul(tensor(weight), scale),
      [bias]: affine ? tf.add(shifted, tensor(`${norm}.bias`)) : shifted,
    };
  });
}
