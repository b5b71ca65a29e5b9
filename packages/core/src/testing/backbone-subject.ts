import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { describe, type NetworkDescription } from '../nn/describe.js';
import type { Network, Operations } from '../nn/network.js';
import type { ImageShape } from '../kinds/augmentation.js';
import type { Method } from '../kinds/method.js';
import type { Law, Subject } from './law.js';
import { BATCH, probedStep, type ProbedStep } from './probed-step.js';
import { normal } from './samples.js';

/** What a case of a backbone may add to its options. */
export interface BackboneExtra {
  /** Height, width and channels of an image; [32, 32, 3] by default. */
  readonly input?: ImageShape;
}

export type BackboneLaw = Law<'backbone', BackboneExtra>;
export type BackboneSubject = Subject<'backbone', BackboneExtra>;

const INPUT: ImageShape = [32, 32, 3];

/** The backbone's shapes. */
export function backboneDescription({ made, extra }: BackboneSubject, batch = BATCH): NetworkDescription {
  return describe(made, [batch, ...(extra.input ?? INPUT)]);
}

/** The names of layers and output sites, in order, repeated if the network uses them repeatedly. */
export function namesOf({ made, extra }: BackboneSubject): {
  readonly layers: readonly string[];
  readonly outputs: readonly string[];
} {
  const layers: string[] = [];
  const outputs: string[] = [];
  const noting: Network = { forward: (nn, x) => made.forward(noted(nn, layers, outputs), x) };
  describe(noting, [BATCH, ...(extra.input ?? INPUT)]);
  return { layers, outputs };
}

/** Images [BATCH, ...input]. */
export function imagesOf({ engine: { tf }, extra }: BackboneSubject): Tensor {
  return normal(tf, [BATCH, ...(extra.input ?? INPUT)], 'images');
}

/** A training step that pulls the features towards fixed random ones, plain or quantized. */
export function backboneStep(
  { engine, made, extra, companions }: BackboneSubject,
  wrapper: 'plain' | 'quantized',
): ProbedStep {
  const { tf } = engine;
  const method: Method<Tensor2D, Tensor> = {
    views: 1,
    projector: { forward: (_, x) => x },
    heads: {},
    online: (branch, [images]) => branch.encode(images!),
    targets: (features) => normal(tf, features.shape, 'targets'),
    loss: (features, targets): Scalar => tf.mean(tf.square(tf.sub(features, targets))),
    features: (features) => features,
  };
  const parts = { engine, companions, backbone: made, wrapper: companions.wrappers[wrapper] };
  // A step passes to a method only what that method made.
  return probedStep({ ...parts, method: method as unknown as Method, input: extra.input ?? INPUT });
}

function noted<T>(nn: Operations<T>, layers: string[], outputs: string[]): Operations<T> {
  const note = <A extends unknown[]>(names: string[], operation: (x: T, name: string, ...rest: A) => T) => {
    return (x: T, name: string, ...rest: A): T => {
      names.push(name);
      return operation(x, name, ...rest);
    };
  };
  return {
    ...nn,
    conv2d: note(layers, nn.conv2d),
    depthwiseConv2d: note(layers, nn.depthwiseConv2d),
    batchNorm: note(layers, nn.batchNorm),
    linear: note(layers, nn.linear),
    weightNormLinear: note(layers, nn.weightNormLinear),
    output: note(outputs, nn.output),
  };
}
