import type { Tensor } from '@tensorflow/tfjs-core';
import type { Network } from '../nn/network.js';
import type { ImageShape } from '../kinds/augmentation.js';
import type { Method } from '../kinds/method.js';
import type { Law, Subject } from './law.js';
import { BATCH, probedStep, viewCountOf, type ProbedStep } from './probed-step.js';
import { normal } from './samples.js';

/** What a case of a method may add to its options. */
export interface MethodExtra {
  /** Whether the loss is independent of the order of the views; true by default. */
  readonly symmetric?: boolean;
  /** Height, width and channels of a view; [8, 8, 3] by default. */
  readonly input?: ImageShape;
}

export type MethodLaw = Law<'method', MethodExtra>;
export type MethodSubject = Subject<'method', MethodExtra>;

const INPUT: ImageShape = [8, 8, 3];

/** A convolution with its batch norm, activation and sites. */
const BACKBONE: Network = {
  forward(nn, x) {
    const y = nn.batchNorm(nn.conv2d(x, 'conv1', { filters: 8, kernel: 3, stride: 2, padding: 1 }), 'bn1');
    return nn.globalAveragePool(nn.output(nn.relu(y), 'conv1'));
  },
};

/** A training step of the method, plain or quantized. */
export function methodStep(
  { engine, made, extra, companions }: MethodSubject,
  wrapper: 'plain' | 'quantized' = 'plain',
  method: Method = made,
): ProbedStep {
  const input = extra.input ?? INPUT;
  return probedStep({ engine, companions, backbone: BACKBONE, method, wrapper: companions.wrappers[wrapper], input });
}

/** Views [BATCH, ...input] of random images. */
export function viewsOf({ engine: { tf }, made, extra }: MethodSubject): readonly Tensor[] {
  const shape = [BATCH, ...(extra.input ?? INPUT)];
  return Array.from({ length: viewCountOf(made) }, (_, index) => normal(tf, shape, `view ${index}`));
}

/** Views that all show one image. */
export function constantViews({ engine: { tf }, made, extra }: MethodSubject): readonly Tensor[] {
  const shape = extra.input ?? INPUT;
  const image = normal(tf, [1, ...shape], 'the one image');
  return Array.from({ length: viewCountOf(made) }, () => tf.tile(image, [BATCH, 1, 1, 1]));
}
