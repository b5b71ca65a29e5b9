import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Branch } from '../../../packages/core/src/kinds/method.js';
import type { Operations } from '../../../packages/core/src/nn/network.js';
import { broken, type BrokenPlugin } from '../run-broken.js';

const engine = 'tensorflow';

/** Plugins whose faults TensorFlow finds while a step is traced. */
export const ON_TENSORFLOW: readonly BrokenPlugin[] = [
  broken({
    kind: 'method',
    engine,
    title: 'reads a value while it computes the loss',
    code: 'ENGINE_UNTRACEABLE_READ',
    says: /^failed in `loss`: A compiled step reads the values of a tensor/,
    make: (valid, tf) => ({ ...valid, loss: (online: Tensor) => tf.scalar(online.dataSync()[0]!) }),
  }),
  broken({
    kind: 'method',
    engine,
    title: 'multiplies tensors of different shapes',
    code: 'ENGINE_OPERATION_FAILED',
    says: /^failed in `loss`: Mul \(in the tfjs kernel Multiply\): Dimensions must be equal, but are 3 and 5 with input shapes: \[4,3\], \[5\]\.$/,
    make: (valid, tf) => ({ ...valid, loss: (online: Tensor) => tf.mean<Scalar>(tf.mul(online, tf.ones([5]))) }),
  }),
  broken({
    kind: 'method',
    engine,
    title: 'has a head that gets images',
    code: 'ENGINE_OPERATION_FAILED',
    says: /^failed in `heads\.predictor\.forward`: .*Dimensions must be equal, but are 1 and 3 .*\(layer `predictor\.fc`\)/,
    make: (valid) => ({ ...valid, online: (branch: Branch, [x]: never[]) => branch.head('predictor', x!) }),
  }),
  broken({
    kind: 'quantizer',
    engine,
    title: 'adds a tensor of another shape',
    code: 'ENGINE_OPERATION_FAILED',
    says: /^failed in `fakeQuantize`: .*Incompatible shapes: \[2,2,1,2\] vs\. \[3\] \(layer `conv`\)/,
    make: (valid, tf) => ({ ...valid, fakeQuantize: (x: Tensor) => tf.add(x, tf.ones([3])) }),
  }),
  broken({
    kind: 'backbone',
    engine,
    title: 'has a layer of another width in a step',
    code: 'ENGINE_OPERATION_FAILED',
    says: /^failed in `forward`: .*\(layer `fc`\)/,
    make: (valid) => ({
      forward: (nn: never, x: never) => {
        const { linear, globalAveragePool } = nn as Operations<unknown>;
        return linear(Array.isArray(x) ? valid.forward(nn, x) : globalAveragePool(x), 'fc', { units: 2, bias: false });
      },
    }),
  }),
  broken({
    kind: 'augmentation',
    engine,
    title: 'multiplies images by a tensor of another shape',
    code: 'ENGINE_OPERATION_FAILED',
    says: /^failed in `apply`: .*Incompatible shapes/,
    make: ({ prepare }, tf) => ({
      prepare: (input: never) => ({ ...prepare(input), apply: (images: Tensor) => tf.mul(images, tf.ones([3, 5])) }),
    }),
  }),
  ...([engine, undefined] as const).flatMap((engine) => [
    broken({
      kind: 'method',
      ...(engine && { engine }),
      title: `draws random numbers with tfjs while it computes the loss${engine ? '' : ', in plain JavaScript'}`,
      code: 'ENGINE_RANDOM_OPERATION',
      says: /^failed in `loss`: .*tf\.randomUniform/,
      make: (valid, tf) => ({
        ...valid,
        loss: (online: Tensor) => tf.mean<Scalar>(tf.mul(online, tf.randomUniform(online.shape))),
      }),
    }),
    broken({
      kind: 'augmentation',
      ...(engine && { engine }),
      title: `draws random numbers with tfjs${engine ? '' : ', in plain JavaScript'}`,
      code: 'ENGINE_RANDOM_OPERATION',
      says: /^failed in `apply`: .*tf\.randomNormal/,
      make: ({ prepare }, tf) => ({
        prepare: (input: never) => ({
          ...prepare(input),
          apply: (images: Tensor) => tf.add(images, tf.randomNormal(images.shape)),
        }),
      }),
    }),
  ]),
];
