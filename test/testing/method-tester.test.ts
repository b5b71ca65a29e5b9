import { definePlugin, type Method, type Tf } from '@ssql/core';
import { MethodTester } from '@ssql/core/testing';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { simsiam } from '../../packages/plugins/src/method/simsiam.js';
import { testBreaks } from './breaks.js';

type Pair = readonly [Tensor2D, Tensor2D];
type Online = { readonly z: Pair; readonly p: Pair };
type SimSiam = Method<Online, Pair>;

const SMALL = { dim: 8, predictorHidden: 4 };

/** SimSiam with a defect. */
function flawed(change: (sound: SimSiam, tf: Tf) => Partial<SimSiam>) {
  return definePlugin({
    ...simsiam,
    name: 'flawed',
    async create(options, context): Promise<Method> {
      const sound = (await simsiam.create(options, context)) as unknown as SimSiam;
      // A step passes to a method only what that method made.
      return { ...sound, ...change(sound, context.tf) } as unknown as Method;
    },
  });
}

function cosine(tf: Tf, p: Tensor2D, z: Tensor2D): Scalar {
  const length = (x: Tensor2D) => tf.sqrt(tf.sum(tf.square(x), 1, true));
  return tf.neg(tf.mean<Scalar>(tf.sum(tf.mul(tf.div(p, length(p)), tf.div(z, length(z))), 1)));
}

describe('MethodTester', () => {
  testBreaks(
    MethodTester,
    [
      { title: 'passes SimSiam', plugin: simsiam, breaks: [] },
      {
        title: 'detects a gradient that is not stopped',
        plugin: flawed(() => ({ targets: ({ z: [z1, z2] }) => [z2, z1] })),
        breaks: ['no gradient flows through its targets'],
      },
      {
        title: 'detects a loss that is not a scalar',
        plugin: flawed((sound, tf) => ({
          loss: (online, targets) => tf.reshape(sound.loss(online, targets), [1]) as unknown as Scalar,
        })),
        breaks: ['its loss is a finite number'],
      },
      {
        title: 'detects an unused head',
        plugin: flawed(({ heads }) => ({ heads: { ...heads, idle: heads['predictor']! } })),
        breaks: ['every parameter gets a gradient'],
      },
      {
        title: 'detects a momentum encoder that diverges',
        plugin: flawed(() => ({ momentum: () => 2 })),
        breaks: ['its momentum encoder follows the encoder, without a gradient'],
      },
      {
        title: 'detects a memory that is not finite',
        plugin: flawed((_, tf) => ({
          memory: { sum: { shape: [2], initial: () => Float32Array.of(0, NaN) } },
          nextMemory: (_targets, { sum }) => ({ sum: tf.add(sum!, 1) }),
        })),
        breaks: ['its memory is finite and keeps its shape'],
      },
      {
        title: 'detects a memory that no step changes',
        plugin: flawed(() => ({ memory: { sum: { shape: [2], initial: () => new Float32Array(2) } } })),
        breaks: ['its memory moves'],
      },
      {
        title: 'detects a memory that every step writes as it was',
        plugin: flawed((_, tf) => ({
          memory: { sum: { shape: [2], initial: () => new Float32Array(2) } },
          nextMemory: (_targets, { sum }) => ({ sum: tf.mul(sum!, 1) }),
        })),
        breaks: ['its memory moves'],
      },
      {
        title: 'detects a loss of only one view',
        plugin: flawed((_, tf) => ({
          loss: ({ p: [p1] }, [target1]) => cosine(tf, guarded(tf, p1), guarded(tf, target1)),
        })),
        breaks: ['its loss does not depend on the order of the global views'],
      },
      {
        title: 'detects features that never show a collapse',
        plugin: flawed((_, tf) => ({ features: ({ z: [z] }) => tf.eye(z.shape[0], z.shape[1]) })),
        breaks: ['its features show a collapse'],
      },
      {
        title: 'detects a division by a length of zero',
        plugin: flawed((_, tf) => ({
          loss: ({ p: [p1, p2] }, [target1, target2]) =>
            tf.div(tf.add(cosine(tf, p1, target1), cosine(tf, p2, target2)), 2),
        })),
        breaks: ['it is finite on constant images'],
      },
      {
        title: 'detects outputs cached from the float branch',
        plugin: flawed((sound) => {
          const made = new WeakMap<object, Online>();
          return {
            online(branch, views, values) {
              const online = made.get(views) ?? sound.online(branch, views, values);
              made.set(views, online);
              return online;
            },
          };
        }),
        breaks: ['it works under a wrapper that trains quantized branches'],
      },
      {
        title: 'detects a leaked tensor',
        plugin: flawed((sound, tf) => ({
          loss: (online, targets) => (tf.keep(tf.clone(targets[0])), sound.loss(online, targets)),
        })),
        breaks: ['it leaks no tensor'],
      },
      {
        title: 'detects values read on the host',
        plugin: flawed((sound, tf) => ({
          loss: (online, targets) => tf.add(sound.loss(online, targets), 0 * targets[0].dataSync()[0]!),
        })),
        breaks: ['it reads no values on the host', 'compiled, it agrees with eager execution'],
      },
    ],
    { valid: [{ options: SMALL }], invalid: [] },
  );
});

/** Vectors whose length is not 0. */
function guarded(tf: Tf, x: Tensor2D): Tensor2D {
  return tf.add(x, 1e-6);
}
