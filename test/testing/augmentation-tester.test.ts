import { definePlugin, type PreparedAugmentation, type Tf } from '@ssql/core';
import { AugmentationTester } from '@ssql/core/testing';
import { grayscale } from '../../packages/plugins/src/augmentation/grayscale.js';
import { testBreaks } from './breaks.js';

/** grayscale with a defect. */
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

const FUNCTION = 'its output depends only on images and draws';
const ITSELF = 'each image is processed independently';
const DESCRIBED = 'it describes what its numbers do, in one line';
const COMPILED = 'compiled, it agrees with eager execution';

describe('AugmentationTester', () => {
  testBreaks(
    AugmentationTester,
    [
      { title: 'passes grayscale', plugin: grayscale, breaks: [] },
      {
        title: 'detects swapped height and width',
        plugin: flawed(({ output: [height, width, channels] }) => ({ output: [width, height, channels] })),
        breaks: ['its images have the declared shape'],
      },
      {
        title: 'detects a draw of the wrong length, once in a hundred',
        plugin: flawed((sound) => {
          let draws = 0;
          return { draw: (random) => (++draws % 100 === 0 ? [] : sound.draw(random)) };
        }),
        breaks: ['it draws as many numbers as it declares', 'its draw is a function of the random stream'],
      },
      {
        title: 'detects a draw from another source',
        plugin: flawed((_, _tf, p) => ({ draw: () => [Math.random() < p ? 1 : 0] })),
        breaks: ['its draw is a function of the random stream'],
      },
      {
        title: 'detects equal draws for all samples',
        plugin: flawed((_, _tf, p) => ({ draw: () => [Math.ceil(p)] })),
        breaks: ['it draws different numbers for different samples'],
      },
      {
        title: 'detects images that depend on earlier ones',
        plugin: flawed((sound, tf) => {
          let calls = 0;
          return {
            apply: (images, drawn) => (calls++ === 1 ? tf.zerosLike(images) : sound.apply(images, drawn)),
          };
        }),
        breaks: [FUNCTION, COMPILED],
      },
      {
        title: 'detects a division of black images by themselves',
        plugin: flawed((sound, tf) => ({
          apply(images, drawn) {
            const output = sound.apply(images, drawn);
            return tf.div(tf.square(output), output);
          },
        })),
        breaks: ['its images are finite', 'with p: 0 it changes nothing'],
      },
      {
        title: 'detects values above 1',
        plugin: flawed((sound, tf) => ({
          apply(images, drawn) {
            const brighter = tf.mul(0.5, tf.reshape(drawn, [-1, 1, 1, 1]));
            return tf.add(sound.apply(images, drawn), brighter);
          },
        })),
        breaks: ['images in [0, 1] stay there'],
      },
      {
        title: 'detects an image that depends on the rest of its batch',
        plugin: flawed((sound, tf) => ({
          apply(images, drawn) {
            const any = tf.reshape(tf.max(drawn), [1, 1]);
            return sound.apply(images, tf.mul(any, tf.onesLike(drawn)));
          },
        })),
        breaks: [ITSELF],
      },
      {
        title: 'detects an ignored probability',
        plugin: flawed(() => ({ draw: (random) => [random.uniform() < 0.5 ? 1 : 0] })),
        breaks: ['with p: 0 it changes nothing'],
      },
      {
        title: 'detects random numbers in evaluation',
        plugin: flawed(() => ({ evaluation: true })),
        breaks: ['it draws nothing if evaluation applies it'],
      },
      {
        title: 'detects a description that ignores the numbers',
        plugin: flawed(() => ({ describe: () => 'perhaps' })),
        breaks: [DESCRIBED],
      },
      {
        title: 'detects a description of two lines',
        plugin: flawed(() => ({ describe: ([applied]) => `yes\nor no: ${applied}` })),
        breaks: [DESCRIBED],
      },
      {
        title: 'detects a leaked tensor',
        plugin: flawed((sound, tf) => ({
          apply: (images, drawn) => (tf.keep(tf.clone(images)), sound.apply(images, drawn)),
        })),
        breaks: ['it leaks no tensor'],
      },
      {
        title: 'detects values read on the host',
        plugin: flawed((sound, tf) => ({
          apply: (images, drawn) => sound.apply(images, tf.tensor2d(drawn.arraySync())),
        })),
        breaks: ['it reads no values on the host', COMPILED],
      },
    ],
    { valid: [{ options: {} }], invalid: [] },
  );
});
