import { definePlugin, type PreparedAugmentation, type Tf } from '@ssql/core';
import { AugmentationTester } from '@ssql/core/testing';
import { grayscale } from '../../packages/plugins/src/augmentation/grayscale.js';
import { testBreaks } from './breaks.js';

/** grayscale, with a flaw. */
function flawed(change: (sound: PreparedAugmentation, tf: Tf, p: number) => Partial<PreparedAugmentation>) {
  return definePlugin({
    ...grayscale,
    name: 'flawed',
    async create(options, context) {
      const sound = await grayscale.create(options, context);
      return {
        prepare(input) {
          const prepared = sound.prepare(input);
          return { ...prepared, ...change(prepared, context.tf, options.p) };
        },
      };
    },
  });
}

const FUNCTION = 'its images are a function of images and parameters';
const ITSELF = 'each image is for itself';
const COMPILED = 'compiled, it does the same as eagerly';

describe('AugmentationTester', () => {
  testBreaks(
    AugmentationTester,
    [
      { title: 'passes grayscale', plugin: grayscale, breaks: [] },
      {
        title: 'finds height and width that are mistaken for each other',
        plugin: flawed(({ output: [height, width, channels] }) => ({ output: [width, height, channels] })),
        breaks: ['its images have the shape that it promises'],
      },
      {
        title: 'finds a draw of another length, once in a hundred',
        plugin: flawed((sound) => {
          let draws = 0;
          return { draw: (random) => (++draws % 100 === 0 ? [] : sound.draw(random)) };
        }),
        breaks: ['it draws as many numbers as it says', 'its draw is a function of the random stream'],
      },
      {
        title: 'finds a draw from elsewhere',
        plugin: flawed((_, _tf, p) => ({ draw: () => [Math.random() < p ? 1 : 0] })),
        breaks: ['its draw is a function of the random stream'],
      },
      {
        title: 'finds the same draw for all samples',
        plugin: flawed((_, _tf, p) => ({ draw: () => [Math.ceil(p)] })),
        breaks: ['it draws other numbers for other samples'],
      },
      {
        title: 'finds images that depend on earlier ones',
        plugin: flawed((sound, tf) => {
          let calls = 0;
          return {
            apply: (images, drawn) => (calls++ === 1 ? tf.zerosLike(images) : sound.apply(images, drawn)),
          };
        }),
        breaks: [FUNCTION, COMPILED],
      },
      {
        title: 'finds black images divided by themselves',
        plugin: flawed((sound, tf) => ({
          apply(images, drawn) {
            const output = sound.apply(images, drawn);
            return tf.div(tf.square(output), output);
          },
        })),
        breaks: ['its images are finite', 'with p: 0 it changes nothing'],
      },
      {
        title: 'finds values beyond 1',
        plugin: flawed((sound, tf) => ({
          apply(images, drawn) {
            const brighter = tf.mul(0.5, tf.reshape(drawn, [-1, 1, 1, 1]));
            return tf.add(sound.apply(images, drawn), brighter);
          },
        })),
        breaks: ['images in [0, 1] stay there'],
      },
      {
        title: 'finds an image that is changed by the others of its batch',
        plugin: flawed((sound, tf) => ({
          apply(images, drawn) {
            const any = tf.reshape(tf.max(drawn), [1, 1]);
            return sound.apply(images, tf.mul(any, tf.onesLike(drawn)));
          },
        })),
        breaks: [ITSELF],
      },
      {
        title: 'finds a probability that is not asked',
        plugin: flawed(() => ({ draw: (random) => [random.uniform() < 0.5 ? 1 : 0] })),
        breaks: ['with p: 0 it changes nothing'],
      },
      {
        title: 'finds random numbers in evaluation',
        plugin: flawed(() => ({ evaluation: true })),
        breaks: ['in evaluation, where it says that it is applied, it draws nothing'],
      },
      {
        title: 'finds a tensor that is kept',
        plugin: flawed((sound, tf) => ({
          apply: (images, drawn) => (tf.keep(tf.clone(images)), sound.apply(images, drawn)),
        })),
        breaks: ['it leaks no tensor'],
      },
      {
        title: 'finds that values are read',
        plugin: flawed((sound, tf) => ({
          apply: (images, drawn) => sound.apply(images, tf.tensor2d(drawn.arraySync())),
        })),
        breaks: ['it reads no values on the host', COMPILED],
      },
    ],
    { valid: [{ options: {} }], invalid: [] },
  );
});
