import { definePlugin, type Method, type Tf } from '@ssql/core';
import { MethodTester } from '@ssql/core/testing';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { simsiam } from '../../packages/plugins/src/method/simsiam.js';
import { testBreaks } from './breaks.js';

type Pair = readonly [Tensor2D, Tensor2D];
type Online = { readonly z: Pair; readonly p: Pair };
type SimSiam = Method<Online, Pair>;

const SMALL = { dim: 8, predictorHidden: 4 };

/** SimSiam, with a flaw. */
function flawed(change: (sound: SimSiam, tf: Tf) => Partial<SimSiam>) {
  return definePlugin({
    ...simsiam,
    name: 'flawed',
    async create(options, context): Promise<Method> {
      const sound = (await simsiam.create(options, context)) as unknown as SimSiam;
      // A step hands a method only what it made itself.
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
        title: 'finds a gradient that is not stopped',
        plugin: flawed(() => ({ targets: ({ z: [z1, z2] }) => [z2, z1] })),
        breaks: ['no gradient goes through its targets'],
      },
      {
        title: 'finds a loss that is no scalar',
        plugin: flawed((sound, tf) => ({
          loss: (online, targets) => tf.reshape(sound.loss(online, targets), [1]) as unknown as Scalar,
        })),
        breaks: ['its loss is a finite number'],
      },
      {
        title: 'finds a head that is not used',
        plugin: flawed(({ heads }) => ({ heads: { ...heads, idle: heads['predictor']! } })),
        breaks: ['every parameter gets a gradient'],
      },
      {
        title: 'finds a momentum encoder that runs away',
        plugin: flawed(() => ({ momentum: () => 2 })),
        breaks: ['its momentum encoder follows the encoder, without a gradient'],
      },
      {
        title: 'finds a memory that is not finite',
        plugin: flawed(() => ({ memory: { sum: { shape: [2], initial: () => Float32Array.of(0, NaN) } } })),
        breaks: ['its memory is finite and keeps its shape'],
      },
      {
        title: 'finds a loss of one of the views',
        plugin: flawed((_, tf) => ({
          loss: ({ p: [p1] }, [target1]) => cosine(tf, guarded(tf, p1), guarded(tf, target1)),
        })),
        breaks: ['its loss does not depend on the order of the views'],
      },
      {
        title: 'finds features that spread whatever happens',
        plugin: flawed((_, tf) => ({ features: ({ z: [z] }) => tf.eye(z.shape[0], z.shape[1]) })),
        breaks: ['its features show a collapse'],
      },
      {
        title: 'finds a division by a length of zero',
        plugin: flawed((_, tf) => ({
          loss: ({ p: [p1, p2] }, [target1, target2]) =>
            tf.div(tf.add(cosine(tf, p1, target1), cosine(tf, p2, target2)), 2),
        })),
        breaks: ['it is finite on constant images'],
      },
      {
        title: 'finds outputs that are kept from the float branch',
        plugin: flawed((sound) => {
          const made = new WeakMap<object, Online>();
          return {
            online(branch, views) {
              const online = made.get(views) ?? sound.online(branch, views);
              made.set(views, online);
              return online;
            },
          };
        }),
        breaks: ['it works quantized, under the ssql wrapper'],
      },
      {
        title: 'finds a tensor that is kept',
        plugin: flawed((sound, tf) => ({
          loss: (online, targets) => (tf.keep(tf.clone(targets[0])), sound.loss(online, targets)),
        })),
        breaks: ['it leaks no tensor'],
      },
      {
        title: 'finds that values are read',
        plugin: flawed((sound, tf) => ({
          loss: (online, targets) => tf.add(sound.loss(online, targets), 0 * targets[0].dataSync()[0]!),
        })),
        breaks: ['it reads no values on the host', 'compiled, it does the same as eagerly'],
      },
    ],
    { valid: [{ options: SMALL }], invalid: [] },
  );
});

/** Not of length 0. */
function guarded(tf: Tf, x: Tensor2D): Tensor2D {
  return tf.add(x, 1e-6);
}
